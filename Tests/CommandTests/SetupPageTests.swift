import Foundation
import MillraceSimulator
import TestChildren
import Testing

/// `docs/setup.md` does what it says.
struct SetupPageTests {
  /// The texts between ```` ```sh ```` and ```` ``` ````.
  private func shellBlocks(_ page: String) -> [String] {
    page.components(separatedBy: "```sh\n").dropFirst().map {
      $0.components(separatedBy: "\n```")[0]
    }
  }

  @Test func `the commands to try it with work as they stand`() async throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/setup.md").path
    let blocks = shellBlocks(try String(contentsOfFile: path, encoding: .utf8))
    try #require(blocks.count >= 2)
    #expect(blocks[0].hasPrefix("millrace simulate") && blocks[0].contains("--port 8366"))
    let place = try Workplace(events: 200)
    // The port of the page may be taken.
    let script = blocks[1].replacing("8366", with: "\(place.simulator.port)")
    let bin = URL(fileURLWithPath: MillraceProgram.path).deletingLastPathComponent().path
    let shell = try ChildProcess(
      "/bin/sh", ["-e", "-c", script],
      environment: ["PATH": "\(bin):/usr/bin:/bin", "HOME": place.folder], folder: place.folder,
      keeping: place)
    let result = await shell.end()
    #expect(result.exitCode == 0, "\(result.complaintText)")
    #expect(result.outputText.contains("0 failures"), "\(result.outputText)")
    let files = try FileManager.default.contentsOfDirectory(atPath: place.path("out"))
    #expect(files.allSatisfy { $0.hasPrefix("contoso-") } && !files.isEmpty)
    let made = try FileManager.default.contentsOfDirectory(atPath: place.folder)
    #expect(Set(["contoso.key", "contoso.pem", "millrace.yaml", "store"]).isSubset(of: made))
  }
}

import Foundation
import MillraceRuntime

/// The other programs: found, or compiled, or the reason why not.
struct ContenderTools {
  /// Where the sources of the contenders are.
  let sources: String
  /// Where what is compiled goes.
  let folder: String
  /// A Python that has packages for contenders.
  let python: String?

  /// Why something takes no part.
  struct Missing: Error {
    let reason: String
  }

  init(folder: String) throws(Missing) {
    self.folder = folder
    sources = try Self.findSources()
    let prepared = sources + "/../../.build/contenders/bin/python"
    python =
      FileManager.default.isExecutableFile(atPath: prepared) ? prepared : Programs.find("python3")
  }

  /// Looks upwards from here, then from this program, which stands in the package's build folder.
  private static func findSources() throws(Missing) -> String {
    let own = URL(fileURLWithPath: Programs.ourselves).resolvingSymlinksInPath()
    for start in [FileManager.default.currentDirectoryPath, own.deletingLastPathComponent().path] {
      var folder = URL(fileURLWithPath: start)
      for _ in 0..<8 {
        let sources = folder.path + "/Benchmarks/contenders"
        if FileManager.default.fileExists(atPath: sources + "/contender.h") { return sources }
        folder = folder.deletingLastPathComponent()
      }
    }
    throw Missing(reason: "Benchmarks/contenders is not found above here: run it in the package")
  }

  /// Compiles a source; the program's path.
  func compile(_ source: String, as name: String, _ flags: [String]) async throws(Missing) -> String
  {
    let compiler = source.hasSuffix("pp") ? "g++" : "gcc"
    guard let program = Programs.find(compiler) else {
      throw Missing(reason: "\(name) takes no part: \(compiler) is not installed")
    }
    let path = "\(folder)/\(name)"
    do {
      _ = try await Programs.run(program, ["\(sources)/\(source)", "-o", path] + flags)
      return path
    } catch {
      let words = "\(error)".split(separator: "\n").first { $0.contains("error") } ?? "it failed"
      throw Missing(reason: "\(name) takes no part: \(source) does not compile: \(words)")
    }
  }

  /// Which Python to run a contender with that needs modules.
  func python(with modules: [String], for name: String) async throws(Missing) -> String {
    guard let python else { throw Missing(reason: "\(name) takes no part: no python3") }
    for module in modules {
      do {
        _ = try await Programs.run(python, ["-c", "import \(module)"])
      } catch {
        throw Missing(
          reason: "\(name) takes no part: Python has no module \(module) "
            + "(Benchmarks/contenders/prepare installs it)")
      }
    }
    return python
  }

  /// The version of a program, for the report.
  static func version(of program: String) async -> String {
    guard let path = Programs.find(program) else { return "no \(program)" }
    do {
      let (_, result) = try await Programs.run(path, ["--version"])
      return result.outputText.split(separator: "\n").first.map(String.init) ?? program
    } catch {
      return "\(program), version unknown"
    }
  }
}

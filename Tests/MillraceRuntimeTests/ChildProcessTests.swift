import Glibc
import MillraceRuntime
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ChildProcessTests {
  private func shell(_ script: String, folder: String = "/") throws -> ChildProcess {
    try ChildProcess("/bin/sh", ["-c", script], environment: ["NAME": "value"], folder: folder)
  }

  @Test func `a child has its folder, its environment and nothing else`() async throws {
    let result = try await shell("pwd; echo $NAME $HOME.; echo bad >&2; exit 7", folder: "/proc")
      .end()
    #expect(result.outputText == "/proc\nvalue .\n")
    #expect(result.complaintText == "bad\n")
    #expect(result.ending == .exited(7))
  }

  @Test func `the processor time of a child is told`() async throws {
    let result = try await shell("i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done").end()
    #expect(result.ending == .exited(0))
    #expect(result.processorSeconds > 0)
  }

  @Test func `a program that is not there is an error at once`() async throws {
    let error = #expect(throws: ChildError.self) {
      try ChildProcess("/nowhere/program", [], environment: [:], folder: "/")
    }
    #expect(error?.description == "start /nowhere/program: No such file or directory")
    #expect(throws: ChildError.self) {
      try ChildProcess("/bin/sh", [], environment: [:], folder: "/nowhere")
    }
  }

  @Test func `a child inherits no ignored signal and no open file`() async throws {
    let result = try await shell(
      "grep -E '^Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | wc -l"
    ).end()
    let words = result.outputText.split(whereSeparator: \.isWhitespace)
    try #require(words.count == 5 && words[0] == "SigBlk:" && words[2] == "SigIgn:")
    for mask in [words[1], words[3]] {
      let signals = try #require(UInt64(mask, radix: 16))
      // From 32 on some belong to the C library, and nobody else can set them.
      #expect(signals & 0x7FFF_FFFF == 0, "\(result.outputText)")
    }
    // Three standard ones, and the folder that is being listed.
    #expect(words[4] == "4", "\(result.outputText)")
  }

  @Test func `a child is killed when asked, and when nobody has it any more`() async throws {
    let child = try shell("echo ready; exec sleep 600")
    #expect(await child.says("ready"))
    #expect(child.isRunning)
    child.signal(SIGKILL)
    #expect(await child.end().ending == .signalled(SIGKILL))
    #expect(!child.isRunning)

    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { close(ends[0]) }
    var left: ChildProcess? = try ChildProcess(
      "/bin/sh", ["-c", "exec 3>/proc/\(getpid())/fd/\(ends[1]); echo ready; exec sleep 600"],
      environment: [:], folder: "/")
    #expect(await left?.says("ready") == true)
    close(ends[1])
    left = nil
    // The other end of the pipe closes with the child that held it.
    let reading = ends[0]
    let isOver = await withCheckedContinuation { continuation in
      startThread(name: "reading") {
        var byte: UInt8 = 0
        continuation.resume(returning: read(reading, &byte, 1) == 0)
      }
    }
    #expect(isOver)
  }
}

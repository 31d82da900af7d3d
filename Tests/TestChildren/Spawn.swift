import Glibc
import Synchronization

/// One call of posix_spawn(3).
struct Spawn {
  let program: String
  let words: [String]
  /// `NAME=value`.
  let environment: [String]
  let folder: String
  /// A path.
  let input: String

  /// A started child: its number, and where its outputs can be read.
  struct Spawned {
    let process: pid_t
    let output: Int32
    let complaints: Int32
  }

  /// One child at a time: between the making of a pipe and its mark, another child would inherit
  /// it, and keep it open for as long as it lives.
  private static let turn = Mutex(())

  func start() throws(ChildError) -> Spawned {
    try Spawn.turn.withLock { _ throws(ChildError) in
      let output = try Spawn.pipe()
      let complaints = try Spawn.pipe()
      defer {
        close(output.write)
        close(complaints.write)
      }
      let process = try start(output: output.write, complaints: complaints.write)
      return Spawned(process: process, output: output.read, complaints: complaints.read)
    }
  }

  private static func pipe() throws(ChildError) -> (read: Int32, write: Int32) {
    var ends: [Int32] = [0, 0]
    guard Glibc.pipe(&ends) == 0 else { throw ChildError(operation: "pipe", code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  private func start(output: Int32, complaints: Int32) throws(ChildError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, complaints, 2)

    // A child begins with no signal blocked or ignored, whatever the tests' process does.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK) | Int16(POSIX_SPAWN_SETSIGDEF))

    // env(1) goes to the folder and becomes the program; the number stays the same.
    let start = "/usr/bin/env"
    let arguments = CStrings([start, "-C", folder, program] + words)
    let variables = CStrings(environment)
    var process: pid_t = 0
    let code = posix_spawn(
      &process, start, &actions, &attributes, arguments.pointers, variables.pointers)
    guard code == 0 else { throw ChildError(operation: "start \(program)", code: code) }
    return process
  }
}

/// Texts as C wants them: pointers, a null at the end.
private final class CStrings {
  let pointers: [UnsafeMutablePointer<CChar>?]

  init(_ texts: [String]) {
    pointers = texts.map { strdup($0) } + [nil]
  }

  deinit {
    for pointer in pointers { free(pointer) }
  }
}

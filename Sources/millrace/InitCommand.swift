import Glibc
import MillraceConfiguration

/// `init`: writes a commented configuration to begin with.
enum InitCommand {
  static let declaration = CommandDeclaration(
    name: "init",
    summary: "write a commented configuration to begin with",
    details: [
      "Writes ./millrace.yaml, or the file that --config names, with every key, its default and "
        + "what it means. A file that exists is never touched."
    ],
    examples: [("init --config /etc/millrace/millrace.yaml", "begins where the service looks")])

  static func run(_ invoked: Invoked) throws(CommandFailure) -> ExitCode {
    let path = invoked.arguments.string("config") ?? "millrace.yaml"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      let reason =
        errno == EEXIST ? "it exists and is left as it is" : String(cString: strerror(errno))
      throw CommandFailure("\(path): \(reason)", .failed)
    }
    defer { close(descriptor) }
    let bytes = Array(SampleConfiguration.text.utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
      throw CommandFailure("\(path): \(String(cString: strerror(errno)))", .failed)
    }
    Output.say(
      "millrace: wrote \(path); fill in the tenant, then try "
        + "\"millrace check --offline --config \(path)\"")
    return .done
  }
}

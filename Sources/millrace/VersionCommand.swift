import MillraceConfiguration
import MillraceHTTP
import MillracePipeline
import MillraceStore

/// `version`: what this is made of.
enum VersionCommand {
  static let declaration = CommandDeclaration(
    name: "version", summary: "print the versions of the program and its libraries")

  static func run() throws(CommandFailure) -> ExitCode {
    try Output.line("millrace \(Version.number)")
    try Output.line("swift \(swiftVersion)")
    for (name, version) in [
      ("libsqlite3", Store.libraryVersion), ("libcurl", CurlClient.libraryVersion),
      ("libmicrohttpd", HTTPServer.libraryVersion), ("libyaml", Configuration.libraryVersion),
    ] {
      try Output.line("\(name) \(version)")
    }
    return .done
  }

  /// The language the compiler was for; Swift does not tell a program more about itself.
  private static var swiftVersion: String {
    #if compiler(>=6.4)
    "6.4 or later"
    #elseif compiler(>=6.3)
    "6.3"
    #else
    "6.2"
    #endif
  }
}

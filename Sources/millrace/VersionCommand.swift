import MillraceCompression
import MillraceConfiguration
import MillraceCrypto
import MillraceHTTP
import MillraceLocation
import MillracePipeline
import MillraceStore

/// `version`: what this is made of.
enum VersionCommand {
  static let declaration = CommandDeclaration(
    name: "version", summary: "print the versions of the program and its libraries",
    printsReport: true)

  static func run(_ arguments: Arguments) throws(CommandFailure) -> ExitCode {
    let parts = [
      ("millrace", Version.number), ("swift", Version.swift), ("libsqlite3", Store.libraryVersion),
      ("libcurl", CurlClient.libraryVersion), ("libcrypto", CryptoLibrary.version),
      ("libmicrohttpd", HTTPServer.libraryVersion), ("libyaml", Configuration.libraryVersion),
      ("libzstd", Zstd.libraryVersion), ("zlib", Gzip.libraryVersion),
      ("libmaxminddb", PlaceDatabases.libraryVersion),
    ]
    if arguments.flag("json") {
      try Output.line(ReportJSON.text(Dictionary(parts) { first, _ in first }))
    } else {
      for (name, version) in parts { try Output.line("\(name) \(version)") }
    }
    return .done
  }
}

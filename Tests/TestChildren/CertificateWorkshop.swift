import Glibc

/// Keys and certificates, made by the `openssl` command in a folder that goes with this object:
/// another hand than the code under test.
package final class CertificateWorkshop: Sendable {
  /// Where everything is.
  package let folder: String

  /// The command; nil on a machine without it.
  package static let openssl: String? = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
    (path: String) in access(path, X_OK) == 0
  }

  /// The `openssl` command did not do what it was told.
  package struct Failure: Error, CustomStringConvertible {
    /// Its command line and its words.
    package let description: String
  }

  /// A certificate and its private key, each in a PEM file.
  package struct Pair: Sendable {
    /// The path of the certificate.
    package let certificate: String
    /// The path of the key.
    package let key: String
  }

  /// An empty workshop.
  package init() throws {
    var template = Array("/tmp/millrace-keys-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure(description: "no folder: \(String(cString: strerror(errno)))")
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    guard let entries = opendir(folder) else { return }
    while let entry = readdir(entries) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      unlink(path(name))
    }
    closedir(entries)
    rmdir(folder)
  }

  /// The path of a file in the folder.
  package func path(_ name: String) -> String { "\(folder)/\(name)" }

  /// Runs the command in the folder.
  package func run(_ words: String...) async throws { try await run(words: words) }

  /// Runs the command in the folder.
  package func run(words: [String]) async throws {
    guard let openssl = Self.openssl else { throw Failure(description: "there is no openssl") }
    let result = try await ChildProcess(openssl, words, environment: [:], folder: folder).end()
    guard result.exitCode == 0 else {
      throw Failure(description: "\(words): \(result.complaintText)")
    }
  }

  /// Makes a key and a certificate that it signs itself.
  package func selfSigned(
    _ name: String, kind: String = "rsa:2048", days: Int = 30, extensions: [String] = []
  ) async throws -> Pair {
    let pair = Pair(certificate: path(name + ".crt"), key: path(name + ".key"))
    let curve = kind == "ec" ? ["-pkeyopt", "ec_paramgen_curve:prime256v1"] : []
    try await run(
      words: ["req", "-x509", "-newkey", kind] + curve + ["-nodes", "-keyout", pair.key]
        + ["-out", pair.certificate, "-days", "\(days)", "-subj", "/CN=\(name)"]
        + extensions.flatMap { ["-addext", $0] })
    return pair
  }

  /// Makes a key and a certificate that `authority` signs; for a host it names its addresses.
  package func signed(
    _ name: String, by authority: Pair, alternativeNames: String? = nil
  ) async throws -> Pair {
    let pair = Pair(certificate: path(name + ".crt"), key: path(name + ".key"))
    let request = path(name + ".csr")
    try await run(
      "req", "-newkey", "rsa:2048", "-nodes", "-keyout", pair.key, "-out", request, "-subj",
      "/CN=\(name)")
    var words = [
      "x509", "-req", "-in", request, "-CA", authority.certificate, "-CAkey", authority.key,
      "-CAcreateserial", "-days", "30", "-out", pair.certificate,
    ]
    if let alternativeNames {
      try write("subjectAltName=\(alternativeNames)\n", to: name + ".ext")
      words += ["-extfile", path(name + ".ext")]
    }
    try await run(words: words)
    return pair
  }

  /// Starts a TLS server at port 6514 of an address, and gives the authority that vouches for it.
  ///
  /// - Parameter words: further options of `openssl s_server`, made of the authority.
  package func serve(
    at host: String, _ words: (_ authority: Pair) -> [String] = { _ in [] }
  ) async throws -> (authority: Pair, server: ChildProcess) {
    guard let openssl = Self.openssl else { throw Failure(description: "there is no openssl") }
    let authority = try await selfSigned("authority")
    let pair = try await signed("server", by: authority, alternativeNames: "IP:\(host)")
    let server = try ChildProcess(
      openssl,
      [
        "s_server", "-accept", "\(host):6514", "-cert", pair.certificate, "-key", pair.key, "-www",
      ] + words(authority), environment: [:], folder: folder)
    return (authority, server)
  }

  /// Writes a text to a file of the folder, in place of what it held.
  @discardableResult
  package func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  /// Writes bytes to a file of the folder, in place of what it held.
  @discardableResult
  package func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = path(name)
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(description: "\(file) cannot be written") }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure(description: "\(file) cannot be written")
    }
    return file
  }

  /// What a file holds.
  package func read(_ file: String) throws -> [UInt8] {
    guard let stream = fopen(file, "r") else { throw Failure(description: "\(file) is not there") }
    defer { fclose(stream) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
      content += chunk[..<count]
    }
    return content
  }

  /// The text a file holds.
  package func text(_ file: String) throws -> String {
    String(decoding: try read(file), as: UTF8.self)
  }
}

import Glibc

/// A file that must hold certificates or a key, as text (RFC 7468).
enum PEMFile {
  /// How much of a file is looked at: what holds certificates begins with one soon.
  private static let lookedAtMax = 1 << 20

  /// What keeps a file from being used; nil when nothing does as far as can be seen.
  static func problem(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: lookedAtMax)
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { return String(cString: strerror(errno)) }
    let isPEM = String(decoding: bytes[..<count], as: UTF8.self).contains("-----BEGIN ")
    return isPEM ? nil : "it holds nothing that begins with -----BEGIN, as PEM does"
  }
}

import Glibc
// Whoever starts the program sees children as well.
@_exported import MillraceRuntime

/// The program under test.
package enum MillraceProgram {
  /// Where it was built: beside the program of the tests.
  package static let path: String = {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    precondition(count > 0, "a process can find its own program")
    let own = String(decoding: bytes[..<count], as: UTF8.self)
    return own.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/millrace"
  }()
}

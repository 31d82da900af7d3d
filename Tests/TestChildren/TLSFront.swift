import CTestProxy

/// A TLS front of a port, which may ask for certificates; stopped with its last reference.
package final class TLSFront: Sendable {
  /// It did not start.
  package struct Failure: Error, CustomStringConvertible {
    /// For whom.
    package let description: String
  }

  // Sound: the C functions synchronize what several threads touch, and the front is freed after
  // the last reference to this object went.
  nonisolated(unsafe) private let front: OpaquePointer

  /// Starts it.
  ///
  /// - Parameter clientAuthority: the file with whose certificates clients prove who they are; nil
  ///   asks for none.
  /// - Parameter target: the port on the loopback address that everything goes on to.
  /// - Throws: `Failure` where it cannot listen or read its files.
  package init(
    certificate: String, key: String, clientAuthority: String? = nil, target: Int
  ) throws {
    guard let front = millrace_tls_front_start(certificate, key, clientAuthority, Int32(target))
    else { throw Failure(description: "no TLS front with \(certificate)") }
    self.front = front
  }

  /// Starts it with a pair of files.
  ///
  /// - Throws: `Failure` where it cannot listen or read its files.
  package convenience init(
    _ pair: CertificateWorkshop.Pair, clientAuthority: String? = nil, target: Int
  ) throws {
    try self.init(
      certificate: pair.certificate, key: pair.key, clientAuthority: clientAuthority,
      target: target)
  }

  deinit { millrace_tls_front_stop(front) }

  /// Where it listens on the loopback address.
  package var port: Int { Int(millrace_tls_front_port(front)) }

  /// How many connections were accepted as they should be.
  package var handshakes: Int { Int(millrace_tls_front_handshakes(front)) }
}

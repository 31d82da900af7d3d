/// The domains that a tenant says are its own: what decides who is outside of it.
package struct OwnDomains: Sendable, Equatable {
  private let names: [[UInt8]]

  /// No domain: nothing was said.
  package static let unknown = OwnDomains([])

  /// - Parameter names: Domains such as `example.com`, in any case.
  package init(_ names: [String]) {
    self.names = names.map { Array($0.utf8) }
  }

  /// Whether nothing was said.
  var isEmpty: Bool { names.isEmpty }

  /// Whether a domain is one of them, whatever its case.
  func contains(_ domain: ByteView) -> Bool {
    names.contains { name in
      name.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return false }
        return domain.equalsIgnoringCase(ByteView(start: start, count: bytes.count))
      }
    }
  }
}

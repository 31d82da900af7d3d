import Glibc

/// An address as the kernel takes it.
struct SocketAddress: Sendable {
  /// `AF_INET`, `AF_INET6` or `AF_UNIX`.
  let family: Int32
  private let bytes: [UInt8]

  private init(family: Int32, bytes: [UInt8]) {
    self.family = family
    self.bytes = bytes
  }

  /// Calls `body` with the address as C has it.
  func withPointer<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    // An array is aligned for anything that a sockaddr holds.
    bytes.withUnsafeBytes { raw in
      guard let base = raw.baseAddress else { preconditionFailure("an address has bytes") }
      return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(raw.count))
    }
  }

  /// A unix socket's address.
  init(path: String) throws(StreamError) {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8)
    let isShort = withUnsafeMutableBytes(of: &address.sun_path) { room in
      guard name.count < room.count else { return false }
      room.copyBytes(from: name)
      return true
    }
    guard isShort else {
      throw StreamError(
        .other, operation: "connect", subject: path, "the path is longer than a socket's may be",
        hint: "at most 107 bytes")
    }
    self.init(family: AF_UNIX, bytes: withUnsafeBytes(of: &address) { Array($0) })
  }

  /// The addresses of a host, in the order to try them: as the resolver has them, families taking
  /// turns, so that one that leads nowhere costs one attempt. Blocks.
  static func resolve(
    _ host: String, port: Int, type: Int32
  ) throws(StreamError) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = type
    hints.ai_flags = AI_NUMERICSERV
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, "\(port)", &hints, &list)
    guard code == 0 else {
      let reason = code == EAI_SYSTEM ? String(cString: strerror(errno)) : words(code)
      throw StreamError(
        .unresolved, operation: "resolve", subject: host, reason,
        hint: "correct the name, or see that this machine's name server knows it")
    }
    defer { freeaddrinfo(list) }
    var byFamily: [[SocketAddress]] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ai_next
      guard let pointer = entry.pointee.ai_addr else { continue }
      let bytes = UnsafeRawBufferPointer(start: pointer, count: Int(entry.pointee.ai_addrlen))
      let address = SocketAddress(family: entry.pointee.ai_family, bytes: Array(bytes))
      if let index = byFamily.firstIndex(where: { $0.first?.family == address.family }) {
        byFamily[index].append(address)
      } else {
        byFamily.append([address])
      }
    }
    let longest = byFamily.map(\.count).max() ?? 0
    return (0..<longest).flatMap { place in
      byFamily.compactMap { $0.indices.contains(place) ? $0[place] : nil }
    }
  }

  private static func words(_ code: Int32) -> String {
    gai_strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }

  /// The address in numbers, for operators.
  var text: String {
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = withPointer { pointer, length in
      getnameinfo(pointer, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
    }
    guard code == 0 else { return "" }
    return String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

import Glibc

/// A socket that is bound and listening.
struct ListeningSocket {
  let descriptor: Int32
  /// The TCP port; 0 for a socket in the file system.
  let port: Int

  /// Opens the socket `listen` asks for.
  init(_ listen: HTTPServer.Listen) throws(HTTPServerError) {
    switch listen {
    case .tcp(let host, let port):
      self = try ListeningSocket(host: host, port: port, address: listen.description)
    case .unixSocket(let path):
      self = try ListeningSocket(path: path)
    }
  }

  private init(descriptor: Int32, port: Int) {
    self.descriptor = descriptor
    self.port = port
  }

  // MARK: TCP

  private init(host: String, port: Int, address: String) throws(HTTPServerError) {
    guard (0...65_535).contains(port) else {
      throw HTTPServerError(
        address: address, message: "\(port) is not a port",
        hint: "choose one from 1 to 65535, or 0 for any")
    }
    var wanted = addrinfo()
    wanted.ai_family = AF_UNSPEC
    wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
    wanted.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &wanted, &found)
    guard code == 0, let first = found else {
      throw HTTPServerError(
        address: address, message: String(cString: gai_strerror(code)),
        hint: "give an address of this machine, such as 127.0.0.1")
    }
    defer { freeaddrinfo(found) }
    let descriptor = try Self.open(family: first.pointee.ai_family, address: address)
    var reuse: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    guard bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0,
      Glibc.listen(descriptor, SOMAXCONN) == 0
    else {
      let number = errno
      close(descriptor)
      throw Self.refusal(address: address, number: number)
    }
    self.init(descriptor: descriptor, port: Self.boundPort(descriptor))
  }

  private static func boundPort(_ descriptor: Int32) -> Int {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let code = withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &length)
      }
    }
    precondition(code == 0, "a bound socket has a name")
    // The port stands at the same place for both families: right behind the family.
    return withUnsafeBytes(of: storage) { Int($0[2]) << 8 | Int($0[3]) }
  }

  // MARK: Sockets in the file system

  private init(path: String) throws(HTTPServerError) {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: name.sun_path) else {
      throw HTTPServerError(
        address: path, message: "the path has \(bytes.count) bytes; 1 to 107 are possible",
        hint: "choose a shorter path")
    }
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
    let descriptor = try Self.open(family: AF_UNIX, address: path)
    do throws(HTTPServerError) {
      try Self.removeStaleSocket(path: path, name: name)
    } catch {
      close(descriptor)
      throw error
    }
    // The file takes its mode from the socket (unix(7)), so that it is private from its first
    // moment: there is no gap between bind and a chmod, and the umask of other threads is left be.
    guard fchmod(descriptor, 0o600) == 0,
      Self.withAddress(of: name, { bind(descriptor, $0, $1) }) == 0,
      Glibc.listen(descriptor, SOMAXCONN) == 0
    else {
      let number = errno
      close(descriptor)
      throw Self.refusal(address: path, number: number)
    }
    self.init(descriptor: descriptor, port: 0)
  }

  /// A process that was killed leaves its socket file behind, which nobody can bind again. It is
  /// removed when it is a socket and nobody answers.
  private static func removeStaleSocket(
    path: String, name: sockaddr_un
  ) throws(HTTPServerError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw HTTPServerError(
        address: path, message: "a file stands there that is not a socket",
        hint: "move it away or choose another path")
    }
    let probe = try open(family: AF_UNIX, address: path)
    defer { close(probe) }
    guard withAddress(of: name, { connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
      throw refusal(address: path, number: EADDRINUSE)
    }
    guard unlink(path) == 0 else { throw refusal(address: path, number: errno) }
  }

  private static func withAddress(
    of name: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafePointer(to: name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  // MARK: Both

  private static func open(family: Int32, address: String) throws(HTTPServerError) -> Int32 {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(family, type, 0)
    guard descriptor >= 0 else { throw refusal(address: address, number: errno) }
    return descriptor
  }

  private static func refusal(address: String, number: Int32) -> HTTPServerError {
    let (message, hint) =
      switch number {
      case EADDRINUSE:
        (
          "another program listens on \(address)",
          "stop it, or configure another address"
        )
      case EACCES, EPERM:
        ("permission denied", "ports below 1024 and foreign folders need rights; choose another")
      case EADDRNOTAVAIL:
        ("this machine does not have the address", "use 127.0.0.1 or an address of this machine")
      case ENOENT:
        ("the folder does not exist", "create it, or choose another path")
      default:
        (String(cString: strerror(number)), "see the address and the limits of this process")
      }
    return HTTPServerError(address: address, message: message, hint: hint)
  }
}

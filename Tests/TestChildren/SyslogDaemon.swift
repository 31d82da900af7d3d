import Glibc
import MillraceRuntime
import Synchronization

/// A real syslog daemon as a child, with a configuration, a folder and an address of its own: what
/// it receives it writes to a file.
///
/// Each listens on an address of 127.0.0.0/8 that nobody else has, so that it finds its port free
/// again after a restart.
package final class SyslogDaemon: Sendable {
  /// Which daemon.
  package enum Kind: String, CaseIterable, Sendable {
    case rsyslog
    case syslogNG = "syslog-ng"
  }

  /// How it is spoken to.
  package enum Way: Sendable {
    case tcp
    /// With its certificate and key, and the authority of its clients when it demands theirs.
    case tls(CertificateWorkshop.Pair, clients: String?)
    case udp
    /// A datagram socket `socket` in its folder.
    case local
    /// A stream socket `socket` in its folder, lines.
    case localStream
  }

  /// Why it cannot be had, or did not start.
  package struct Failure: Error, CustomStringConvertible {
    /// In words.
    package let description: String
  }

  /// Its folder; it goes with this object.
  package let folder: String
  /// Its address.
  package let host: String
  /// Its port.
  package let port = 6514
  private let installation: Installation
  private let way: Way
  private let child = Mutex<ChildProcess?>(nil)

  /// A daemon that is not started yet.
  ///
  /// - Parameters:
  ///   - host: an address of `freeAddress`.
  ///   - messageBytesMax: the largest message it takes; its own default when nil.
  package init(
    _ kind: Kind, _ way: Way, host: String = freeAddress(), messageBytesMax: Int? = nil
  ) throws {
    guard let installation = Installation(kind) else { throw Failure(description: kind.absence) }
    self.installation = installation
    self.way = way
    self.host = host
    var template = Array("/tmp/millrace-syslog-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(description: "no folder can be made") }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try write(
      kind == .rsyslog ? rsyslog(messageBytesMax) : syslogNG(messageBytesMax), to: "daemon.conf")
  }

  deinit {
    child.withLock { $0 = nil }
    for name in ["daemon.conf", "received", "socket", "pid", "persist", "control", "persist-"] {
      unlink(folder + "/" + name)
    }
    rmdir(folder)
  }

  /// An address of this machine that no other test uses.
  package static func freeAddress() -> String {
    "127.\(Int.random(in: 1...250)).\(Int.random(in: 1...250)).\(Int.random(in: 2...250))"
  }

  // MARK: Living and dying

  /// Starts it, anew after it ended. That it listens shows when it is spoken to.
  package func start() throws {
    let path = { (name: String) in self.folder + "/" + name }
    let words =
      installation.kind == .rsyslog
      ? ["-n", "-i", path("pid"), "-f", path("daemon.conf"), "-M", installation.modules]
      : [
        "-F", "--no-caps", "-f", path("daemon.conf"), "-p", path("pid"), "-c", path("control"),
        "-R", path("persist"), "--module-path", installation.modules,
      ]
    let started = try ChildProcess(
      installation.program, words, environment: ["LD_LIBRARY_PATH": installation.libraries],
      folder: folder)
    child.withLock { $0 = started }
  }

  /// Whether it has not ended.
  package var isRunning: Bool { child.withLock { $0 }?.isRunning == true }

  /// Has it end in its own way, and waits for that.
  package func stop() async {
    guard let child = child.withLock({ $0 }) else { return }
    child.signal(SIGTERM)
    _ = await child.end()
  }

  /// Kills it in the middle of whatever it does.
  package func kill() async {
    guard let child = child.withLock({ $0 }) else { return }
    child.signal(SIGKILL)
    _ = await child.end()
  }

  /// Stops it where it is: from here on it reads nothing. Waits until all of its threads stand.
  package func freeze() async throws {
    guard let child = child.withLock({ $0 }) else { return }
    child.signal(SIGSTOP)
    try await eventually("the daemon stands still") { threadsStand(of: child.process) }
  }

  /// Lets it go on where it stands.
  package func thaw() {
    child.withLock { $0 }?.signal(SIGCONT)
  }

  /// What it said on standard error.
  package func complaints() async -> String {
    guard let child = child.withLock({ $0 }) else { return "" }
    child.signal(SIGKILL)
    return await child.end().complaintText
  }

  /// The lines it has written: `severity|facility|host|program|message id|elements|text`.
  package var lines: [String] {
    guard let stream = fopen(folder + "/received", "r") else { return [] }
    defer { fclose(stream) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while case let count = fread(&chunk, 1, chunk.count, stream), count > 0 {
      content += chunk[..<count]
    }
    return content.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  // MARK: Configurations

  private func rsyslog(_ messageBytesMax: Int?) -> String {
    let input =
      switch way {
      case .tcp, .tls: "input(type=\"imtcp\" address=\"\(host)\" port=\"\(port)\")"
      case .udp: "input(type=\"imudp\" address=\"\(host)\" port=\"\(port)\")"
      case .local, .localStream: "input(type=\"imuxsock\" socket=\"\(folder)/socket\")"
      }
    var global = "workDirectory=\"\(folder)\""
    if let messageBytesMax { global += " maxMessageSize=\"\(messageBytesMax)\"" }
    var modules = "module(load=\"imudp\")\nmodule(load=\"imuxsock\" sysSock.use=\"off\")\n"
    if case .tls(let pair, let clients) = way {
      global += " defaultNetstreamDriverCAFile=\"\(clients ?? pair.certificate)\""
      global += " defaultNetstreamDriverCertFile=\"\(pair.certificate)\""
      global += " defaultNetstreamDriverKeyFile=\"\(pair.key)\""
      modules += "module(load=\"imtcp\" streamDriver.name=\"ossl\" streamDriver.mode=\"1\""
      modules += " streamDriver.authMode=\"\(clients == nil ? "anon" : "x509/certvalid")\")"
    } else {
      modules += "module(load=\"imtcp\")"
    }
    return """
      global(\(global))
      \(modules)
      template(name="received" type="string" string="%syslogseverity%|%syslogfacility%|%hostname%|%app-name%|%msgid%|%structured-data%|%msg%\\n")
      \(input)
      action(type="omfile" file="\(folder)/received" template="received")

      """
  }

  private func syslogNG(_ messageBytesMax: Int?) -> String {
    let source =
      switch way {
      case .tcp: "syslog(ip(\"\(host)\") port(\(port)) transport(\"tcp\"))"
      case .udp: "syslog(ip(\"\(host)\") port(\(port)) transport(\"udp\"))"
      case .local: "unix-dgram(\"\(folder)/socket\" flags(syslog-protocol))"
      case .localStream: "unix-stream(\"\(folder)/socket\" flags(syslog-protocol))"
      case .tls(let pair, let clients):
        "syslog(ip(\"\(host)\") port(\(port)) transport(\"tls\") tls(key-file(\"\(pair.key)\") "
          + "cert-file(\"\(pair.certificate)\") "
          + (clients.map { "ca-file(\"\($0)\") peer-verify(required-trusted)))" }
            ?? "peer-verify(optional-untrusted)))")
      }
    return """
      @version: 3.38
      options {
        \(messageBytesMax.map { "log-msg-size(\($0));" } ?? "")
        keep-hostname(yes); use-dns(no); stats-freq(0); flush-lines(1);
      };
      source s_in { \(source); };
      destination d_file {
        file("\(folder)/received"
          template("$LEVEL_NUM|$FACILITY_NUM|$HOST|$PROGRAM|$MSGID|$SDATA|$MSG\\n"));
      };
      log { source(s_in); destination(d_file); };

      """
  }

  private func write(_ text: String, to name: String) throws {
    guard let stream = fopen(folder + "/" + name, "w") else {
      throw Failure(description: "\(name) cannot be written")
    }
    defer { fclose(stream) }
    fputs(text, stream)
  }
}

/// Whether every thread of a process is stopped by a signal.
package func threadsStand(of process: Int32) -> Bool {
  guard let tasks = opendir("/proc/\(process)/task") else { return false }
  defer { closedir(tasks) }
  while let entry = readdir(tasks) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard Int(name) != nil else { continue }
    guard let stream = fopen("/proc/\(process)/task/\(name)/stat", "r") else { return false }
    defer { fclose(stream) }
    var text = [CChar](repeating: 0, count: 512)
    guard fgets(&text, Int32(text.count), stream) != nil else { return false }
    let line = String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard line.split(separator: ")").last?.split(separator: " ").first == "T" else { return false }
  }
  return true
}

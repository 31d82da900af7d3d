import Foundation
import MillraceRuntime

/// syslog-ng: a file, a reliable disk-buffer, json-parser and format-json, a file. A disk-buffer
/// belongs to a destination over the network, so that records go over loopback once.
struct SyslogNGPeer: ProcessPeer {
  let name = "syslog-ng, reliable disk-buffer"
  private let program: String

  init() throws(PeerMissing) {
    guard let program = Programs.find("syslog-ng") else {
      throw PeerMissing(reason: "syslog-ng is not installed: not compared")
    }
    self.program = program
  }

  func start(_ input: PeerInput, folder: TemporaryFolder) async throws -> PeerRun {
    guard let port = LoopbackPort.free() else {
      throw ChildFailure(description: "no port is free on 127.0.0.1")
    }
    try folder.write(configuration(input.path, folder.path, port: port), to: "syslog-ng.conf")
    let path = { (name: String) in folder.path + "/" + name }
    let child = try Programs.start(
      program,
      [
        "-F", "--no-caps", "-f", path("syslog-ng.conf"), "-p", path("pid"), "-c", path("control"),
        "-R", path("persist"), "--persist-file", path("persist"),
      ], folder: folder.path)
    return PeerRun(children: [child])
  }

  private func configuration(_ input: String, _ folder: String, port: Int) -> String {
    let pairs = Peers.fields.map { "\($0.name)=${record.\($0.member)}" }.joined(separator: " ")
    return """
      @version: 3.38
      options {
        log-msg-size(\(Peers.messageBytesMax)); stats-freq(0); use-dns(no); keep-hostname(yes);
        time-reopen(1);
      };
      source s_file {
        file("\(input)" flags(no-parse) follow-freq(0.1) log-fetch-limit(1000)
          log-iw-size(10000));
      };
      destination d_queue {
        network("127.0.0.1" port(\(port)) transport("tcp") template("$MSG\\n")
          disk-buffer(reliable(yes) disk-buf-size(4294967296) mem-buf-size(67108864)
            dir("\(folder)")));
      };
      source s_queue {
        network(ip("127.0.0.1") port(\(port)) transport("tcp") flags(no-parse)
          log-fetch-limit(1000) log-iw-size(10000));
      };
      parser p_record { json-parser(prefix("record.")); };
      destination d_file {
        file("\(folder)/\(Peers.output)" template("$(format-json \(pairs) \(Peers.rawName)=$MSG)\\n"));
      };
      log { source(s_file); destination(d_queue); flags(flow-control); };
      log { source(s_queue); parser(p_record); destination(d_file); flags(flow-control); };

      """
  }
}

/// Ports of 127.0.0.1.
enum LoopbackPort {
  /// One that is free now; nil when there is none.
  static func free() -> Int? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
      }
    }
    return isBound ? Int(in_port_t(bigEndian: address.sin_port)) : nil
  }
}

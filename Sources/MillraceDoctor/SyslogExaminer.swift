import MillraceConfiguration
import MillraceCore
import MillracePipeline
import MillraceRuntime
import MillraceStreams

/// Connects to a syslog sink's receiver as the sink would, and sends nothing.
struct SyslogExaminer {
  let subject: String
  let settings: SyslogSinkSettings

  /// What can be told without the network: whether certificates can be used.
  func examineFiles() -> Finding? {
    guard case .tls = settings.address else { return nil }
    do throws(StreamError) {
      _ = try TLSContext(TLSSettings(settings.tls))
      return nil
    } catch {
      return failure(error)
    }
  }

  /// What connecting tells.
  func examine() async -> Finding {
    await withCheckedContinuation { continuation in
      // Connecting blocks: on a thread that is nobody else's.
      startThread(name: "check syslog") { continuation.resume(returning: connect()) }
    }
  }

  private func connect() -> Finding {
    do throws(StreamError) {
      switch settings.address {
      case .udp:
        _ = try DatagramConnection(endpoint)
        return .ok(
          .sink, subject, "\(address) can be sent to; whether somebody listens UDP does not say")
      case .unix(let path): return try local(path)
      case .tcp:
        return try stream(nil)
      case .tls:
        return try stream(try TLSContext(TLSSettings(settings.tls)))
      }
    } catch {
      return failure(error)
    }
  }

  private func stream(_ tls: TLSContext?) throws(StreamError) -> Finding {
    let connection = try StreamConnection.open(endpoint, tls: tls)
    // A receiver that wants another certificate, or another sender, says so only now.
    if let end = connection.watch(for: Limits.syslogTrial) { throw end.error }
    // In order, so that the receiver has nothing to log.
    _ = connection.finish(within: Limits.streamFarewell)
    guard let security = connection.security else {
      return .ok(.sink, subject, "\(connection.subject) answers, in the clear")
    }
    let message =
      "\(connection.subject) answers through \(security.version) and is whom it should be; its"
      + " certificate is good for \(security.daysLeft) days"
    guard Duration.seconds(security.daysLeft * 86_400) < Limits.certificateEndWarning else {
      return .ok(.sink, subject, message)
    }
    return .warning(
      .sink, subject, message, meaning: "afterwards no event can be delivered there",
      fix: "renew the receiver's certificate")
  }

  private func local(_ path: String) throws(StreamError) -> Finding {
    do throws(StreamError) {
      _ = try DatagramConnection(endpoint)
      return .ok(.sink, subject, "\(path) takes datagrams")
    } catch {
      guard error.kind == .wrongType else { throw error }
      _ = try StreamConnection.open(endpoint)
      return .ok(.sink, subject, "\(path) takes a stream")
    }
  }

  private func failure(_ error: StreamError) -> Finding {
    .failure(
      .sink, subject, "\(error.operation) \(error.subject): \(error.message)",
      meaning: "no event can be delivered there; the other sinks go on", fix: error.hint,
      command: command(error.kind), cause: cause(error.kind))
  }

  private func cause(_ kind: StreamError.Kind) -> Finding.Cause {
    switch kind {
    case .unresolved, .unreachable, .ended, .stalled, .handshake: .unreachable
    case .untrusted, .refused, .permission: .refused
    case .unusableFile, .wrongType: .configuration
    case .tooLarge, .other: .other
    }
  }

  /// A command that shows the same trouble, or more of it.
  private func command(_ kind: StreamError.Kind) -> String {
    switch (settings.address, kind) {
    case (_, .unusableFile), (.udp, .unreachable): ""
    case (.unix(let path), _): "ls -l " + ShellWord.quoted(path)
    case (.udp(let host, _), _), (.tcp(let host, _), .unresolved), (.tls(let host, _), .unresolved):
      "getent ahosts " + ShellWord.quoted(host)
    case (.tls, _): "openssl s_client -brief -connect " + ShellWord.quoted(endpoint.description)
    case (.tcp(let host, let port), _): "nc -vz " + ShellWord.quoted(host) + " \(port)"
    }
  }

  private var endpoint: Endpoint {
    switch settings.address {
    case .udp(let host, let port), .tcp(let host, let port), .tls(let host, let port):
      .host(host, port: port)
    case .unix(let path): .path(path)
    }
  }

  /// As the configuration has it.
  var address: String {
    switch settings.address {
    case .udp: "udp://\(endpoint)"
    case .tcp: "tcp://\(endpoint)"
    case .tls: "tls://\(endpoint)"
    case .unix: "unix:\(endpoint)"
    }
  }
}

extension Doctor {
  /// What connecting to the receivers of sinks tells.
  func receiverFindings() async -> [Finding] {
    var findings: [Finding] = []
    for sink in configuration.sinks {
      guard case .syslog(let settings) = sink.settings else { continue }
      let examiner = SyslogExaminer(subject: "sink \(sink.name)", settings: settings)
      // What is wrong with its files was told before.
      if examiner.examineFiles() == nil { findings.append(await examiner.examine()) }
    }
    return findings
  }
}

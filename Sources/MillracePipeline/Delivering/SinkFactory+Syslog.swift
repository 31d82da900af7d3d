import Glibc
package import MillraceConfiguration
import MillraceEvents
import MillraceSinks
package import MillraceStreams

extension SinkFactory {
  /// A sink that sends to a syslog receiver.
  func syslog(_ sink: SinkConfiguration, _ settings: SyslogSinkSettings) -> Made {
    var options = SyslogOptions(
      transport: settings.transport,
      framing: settings.framing == .newline ? .newline : .octetCounting)
    options.messageBytesMax = settings.messageBytesMax
    options.oversize =
      switch settings.oversize {
      case .split: .split
      case .truncate: .truncate
      case .deadLetter: .deadLetter
      }
    options.marksUTF8 = settings.byteOrderMark == .auto
    options.isJSON = sink.format != .cef
    options.enterprise = settings.enterprise
    options.resendBytes = settings.resendBytes
    options.resendTime = settings.resendTime
    let header = SyslogHeader(
      host: settings.hostName ?? SinkFactory.machineName, enterprise: settings.enterprise,
      form: settings.headerForm, application: settings.applicationName,
      facility: settings.facility.number)
    return Made(sink: SyslogSink(name: sink.name, options: options, log: log), header: header)
  }

  /// What this machine calls itself; empty when it does not say.
  private static var machineName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

extension SyslogSinkSettings {
  fileprivate var transport: SyslogOptions.Transport {
    switch address {
    case .udp(let host, let port): .udp(.host(host, port: port))
    case .tcp(let host, let port): .tcp(.host(host, port: port))
    case .tls(let host, let port): .tls(.host(host, port: port), TLSSettings(tls))
    case .unix(let path): .unix(path: path)
    }
  }

  fileprivate var headerForm: SyslogHeader.Form {
    guard form == .rfc3164 else { return .rfc5424 }
    // What listens on a socket of this machine expects no host (syslog(3) writes none).
    if case .unix = address { return .local }
    return .rfc3164
  }
}

extension TLSSettings {
  /// What a configuration says of it.
  package init(_ configured: TLSConfiguration) {
    self.init(
      authorityPath: configured.authorityPath, certificatePath: configured.certificatePath,
      keyPath: configured.keyPath, serverName: configured.serverName)
  }
}

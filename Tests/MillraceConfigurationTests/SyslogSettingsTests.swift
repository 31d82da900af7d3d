import MillraceConfiguration
import MillraceCore
import Testing

struct SyslogSettingsTests {
  private func settings(_ text: String) throws -> SyslogSinkSettings {
    let sink = try parsed(oneTenant + "sinks: {a: {type: syslog, \(text)}}\n").sinks[0]
    guard case .syslog(let settings) = sink.settings else {
      throw ConfigurationMismatch(description: "the type decides on the settings")
    }
    return settings
  }

  private struct ConfigurationMismatch: Error {
    let description: String
  }

  @Test func `every key has its effect`() throws {
    let settings = try settings(
      """
      address: "tls://[2001:db8::1]:7000", protocol: rfc3164, framing: newline,
      max_message_size: 64KiB, oversize: split, utf8_bom: never, facility: local3,
      app_name: audit, hostname: collector.example, enterprise_id: 49610, resend_size: 0,
      resend_time: 5m, tls: {ca: ca.pem, certificate: c.pem, key: k.pem, server_name: siem}
      """)
    #expect(settings.address == .tls(host: "2001:db8::1", port: 7000))
    #expect(settings.form == .rfc3164)
    #expect(settings.framing == .newline)
    #expect(settings.messageBytesMax == 64 << 10)
    #expect(settings.oversize == .split)
    #expect(settings.byteOrderMark == .never)
    #expect(settings.facility.number == 19)
    #expect(settings.applicationName == "audit")
    #expect(settings.hostName == "collector.example")
    #expect(settings.enterprise == 49_610)
    #expect(settings.resendBytes == 0)
    #expect(settings.resendTime == .seconds(300))
    #expect(settings.tls.serverName == "siem")
  }

  @Test func `what is left out is what receivers expect`() throws {
    let settings = try settings(#"address: "tcp://siem.example:601""#)
    #expect(settings.form == .rfc5424)
    #expect(settings.messageBytesMax == 8096)
    #expect(settings.oversize == .truncate)
    #expect(settings.byteOrderMark == .auto)
    #expect(settings.facility.number == 13)
    #expect(settings.applicationName == "millrace")
    #expect(settings.hostName == nil)
    #expect(settings.resendBytes == Limits.syslogResendBytes)
  }

  @Test(arguments: [
    (#"address: "tcp://siem:601""#, SyslogSinkSettings.Framing.octetCounting),
    (#"address: "tcp://siem:601", protocol: rfc3164"#, .newline),
    (#"address: "tls://siem", protocol: rfc3164"#, .octetCounting),
    (#"address: "unix:/dev/log""#, .newline),
  ])
  func `framing follows the address and the protocol`(
    text: String, framing: SyslogSinkSettings.Framing
  ) throws {
    #expect(try settings(text).framing == framing)
  }

  @Test func `what cannot be is refused with its place`() {
    func complaint(_ text: String) -> String {
      complaints(oneTenant + "sinks: {a: {type: syslog, \(text)}}\n").joined(separator: "\n")
    }
    #expect(
      complaint(#"address: "udp://siem", framing: newline"#)
        .contains("sinks.a.framing: datagrams end by themselves; remove the key"))
    #expect(
      complaint(#"address: "udp://siem", max_message_size: 64KiB"#)
        .contains("sinks.a.max_message_size"))
    #expect(
      complaint(#"address: "tcp://siem:1", hostname: "two words""#).contains("sinks.a.hostname"))
    #expect(
      complaint(#"address: "tcp://siem:1", facility: loca3"#).contains("did you mean \"local3\"?"))
  }
}

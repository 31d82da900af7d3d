import MillraceCore
import MillraceCrypto
import MillraceHTTP
import MillraceHTTPSinks
import MillraceReceivers
import MillraceSinks
import TestChildren
import Testing

/// A certificate of the program's own making, in two files.
private struct Identity {
  let certificate: String
  let key: String

  init(_ name: String, in workshop: CertificateWorkshop) throws {
    let made = NewCertificate(name: name, bits: 2048, days: 2)
    certificate = workshop.path("\(name).pem")
    key = workshop.path("\(name).key")
    try write(made.certificatePEM, to: certificate)
    try write(made.keyPEM, to: key)
  }
}

@Suite(.timeLimit(.minutes(10)))
struct `A sink behind TLS` {
  private let workshop: CertificateWorkshop
  private let own: Identity
  private let client: Identity
  private let events = EventReceiver()
  private let receiver: Receiver

  init() throws {
    workshop = try CertificateWorkshop()
    own = try Identity("siem.internal", in: workshop)
    client = try Identity("collector", in: workshop)
    receiver = try Receiver(events)
  }

  private func sink(_ port: Int, _ peer: HTTPPeer?) -> HTTPSink {
    var options = HTTPSinkOptions(
      name: "siem", origins: ["https://127.0.0.1:\(port)/events"])
    options.peer = peer
    return HTTPSink(events: options)
  }

  @Test func `trusts the authority it is given, under the name it is given`() async throws {
    let front = try TLSFront(
      certificate: own.certificate, key: own.key, clientAuthority: nil, target: receiver.port)
    let peer = HTTPPeer(authorityFile: own.certificate, serverName: "siem.internal")
    let known = sink(front.port, peer)
    _ = try await known.deliver(batch(["1"]))
    #expect(events.received.ids == ["1"])
    let host = events.received.headers.last?.first { $0.name == "Host" }?.value
    #expect(host == "siem.internal:\(front.port)")
    await known.close()
    for peer in [
      nil, HTTPPeer(authorityFile: own.certificate), HTTPPeer(serverName: "siem.internal"),
      HTTPPeer(authorityFile: client.certificate, serverName: "siem.internal"),
    ] {
      let stranger = sink(front.port, peer)
      let error = try await failure(stranger, batch(["2"]))
      #expect(error.kind == .rejected && error.hint.contains("tls.ca"))
      await stranger.close()
    }
    #expect(events.received.ids == ["1"])
  }

  @Test func `shows the certificate it is given`() async throws {
    let front = try TLSFront(
      certificate: own.certificate, key: own.key, clientAuthority: client.certificate,
      target: receiver.port)
    var peer = HTTPPeer(
      authorityFile: own.certificate, certificateFile: client.certificate, keyFile: client.key,
      serverName: "siem.internal")
    let known = sink(front.port, peer)
    _ = try await known.deliver(batch(ids(3)))
    #expect(events.received.ids == ids(3))
    await known.close()
    peer.certificateFile = nil
    peer.keyFile = nil
    let stranger = sink(front.port, peer)
    _ = try await failure(stranger, batch(["4"]))
    #expect(events.received.ids == ids(3))
    await stranger.close()
  }
}

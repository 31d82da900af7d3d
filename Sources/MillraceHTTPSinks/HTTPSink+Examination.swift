import MillraceCore
package import MillraceHTTP
package import MillraceSinks

/// What was found at one address of a receiver.
package struct ReceiverExamination: Sendable {
  /// The address.
  package let origin: String
  /// What is well, in words; each a step further.
  package var learnt: [String] = []
  /// The certificates that the receiver showed, its own first.
  package var chain: [ServerCertificate] = []
  /// What keeps events from being delivered there; nil when nothing was found.
  package var failure: SinkError?
}

extension HTTPSink {
  /// Connects to each address as a delivery would, and asks what can be asked without a trace:
  /// whether the receiver knows us, where its protocol has a question for that. No event is sent.
  package func examine() async -> [ReceiverExamination] {
    var examinations: [ReceiverExamination] = []
    for origin in options.origins {
      var examination = ReceiverExamination(origin: String(origin.prefix { $0 != "?" }))
      await connect(to: origin, &examination)
      if examination.failure == nil { await ask(origin, &examination) }
      examinations.append(examination)
    }
    return examinations
  }

  private func connect(to origin: String, _ examination: inout ReceiverExamination) async {
    let request = exchange.prepared(HTTPRequest(url: origin))
    let probe = await client.probe(request)
    examination.chain = probe.chain
    guard let failure = probe.failure else {
      examination.learnt.append("\(probe.address) takes connections at port \(probe.port)")
      return
    }
    examination.failure = exchange.failure(failure)
    // What it shows tells the operator whose certificate has to be trusted.
    if failure.kind == .tls {
      examination.chain = await client.probe(request, isVerifying: false).chain
    }
  }

  private func ask(_ origin: String, _ examination: inout ReceiverExamination) async {
    do throws(SinkError) {
      guard let question = try await dialect.question(to: origin) else { return }
      let response = try await exchange.ask(question)
      examination.learnt.append(try dialect.learn(from: response, exchange: exchange))
    } catch {
      examination.failure = error
    }
  }
}

import Glibc
import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillraceHTTPSinks
import MillracePipeline
import MillraceRuntime
import MillraceSinks

/// The receivers that sinks speak HTTP with: whether they can be reached, can be trusted, and know
/// us.
extension Doctor {
  /// What can be said of such a sink without the network; nil for other sinks.
  func receiverFinding(_ sink: SinkConfiguration) -> Finding? {
    let (origins, tls): ([String], TLSConfiguration?)
    switch sink.settings {
    case .http(let http): (origins, tls) = ([http.url], http.tls)
    case .splunk(let splunk): (origins, tls) = ([splunk.url], splunk.tls)
    case .elasticsearch(let elastic): (origins, tls) = (elastic.urls, elastic.tls)
    case .sentinel(let sentinel): (origins, tls) = ([sentinel.endpoint], nil)
    case .file, .syslog, .kafka, .stdout: return nil
    }
    let subject = "sink \(sink.name)"
    for path in [tls?.authorityPath, tls?.certificatePath, tls?.keyPath].compactMap({ $0 })
    where !Doctor.isReadable(path) {
      return .failure(
        .sink, subject, "\(path) cannot be read",
        meaning: "no connection to the receiver comes about without it",
        fix: "make it readable for the collector's user",
        command: "ls -l " + ShellWord.quoted(path))
    }
    let shown = origins.map { String($0.prefix { $0 != "?" }) }
    return .ok(.sink, subject, "sends to " + shown.joined(separator: ", "))
  }

  private static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// What its receiver says; nothing for sinks that do not speak HTTP.
  func receiverFindings(_ sink: SinkConfiguration) async -> [Finding] {
    let subject = "sink \(sink.name)"
    let made: HTTPSink?
    do throws(SetupError) {
      made = try SinkFactory.httpSink(sink)
    } catch {
      return [
        .failure(
          .sink, subject, error.description, meaning: "the collector does not start with it")
      ]
    }
    guard let made else { return [] }
    let examinations = await made.examine()
    await made.close()
    return examinations.flatMap { findings(of: $0, subject) }
  }

  private func findings(of examination: ReceiverExamination, _ subject: String) -> [Finding] {
    var findings = examination.learnt.map {
      Finding.ok(.sink, subject, "\(examination.origin): \($0)")
    }
    if let failure = examination.failure {
      findings.append(finding(failure, examination, subject))
    } else if let ends = examination.chain.compactMap(\.ends).min(),
      ends - clock.now() < Limits.certificateEndWarning
    {
      findings.append(
        .warning(
          .tls, subject, "\(examination.origin): its certificate is good until \(ends.day)",
          meaning: "nothing is delivered once it ends", fix: "have it renewed"))
    }
    return findings
  }

  private func finding(
    _ failure: SinkError, _ examination: ReceiverExamination, _ subject: String
  ) -> Finding {
    var message = "\(failure.subject): \(failure.message)"
    if let own = examination.chain.first {
      message +=
        own.isSelfSigned
        ? "; it shows a certificate that it signed itself, for \(own.subject)"
        : "; it shows a certificate for \(own.subject), issued by \(own.issuer)"
    }
    let isTLS = failure.code == HTTPError.Kind.tls.rawValue
    let area: Finding.Area =
      isTLS ? .tls : failure.kind == .unreachable ? .connection : .sink
    return .failure(
      area, subject, message,
      meaning: "its events wait in the store; the other sinks go on",
      fix: failure.hint.isEmpty ? "try again in a while" : failure.hint,
      command: failure.kind == .unreachable || isTLS
        ? "curl -v " + ShellWord.quoted(examination.origin) : "",
      cause: failure.kind == .rejected && !isTLS ? .refused : .unreachable)
  }
}

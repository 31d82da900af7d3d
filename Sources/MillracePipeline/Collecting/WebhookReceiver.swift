import FoundationEssentials
import MillraceConfiguration
import MillraceCore
import MillraceCrypto
import MillraceHTTP
import MillraceRuntime

/// Answers what the service posts to the webhook: whether the address is ours, and that there is
/// new content (Activity API reference, "Webhooks").
///
/// Whoever finds the address can post there. Without the registered word nothing is looked at; with
/// it, a post names at most feeds that are polled anyway, a little earlier. Its URLs are not read.
struct WebhookReceiver: Sendable {
  private let hooks: [Hook]

  /// The webhook of one tenant.
  private struct Hook: Sendable {
    let path: String
    let authID: Secret
    let context: TenantContext
  }

  /// The receiver for all tenants that have a webhook; nil when none has.
  init?(_ contexts: [TenantContext]) {
    hooks = contexts.compactMap { context in
      context.webhook.map { Hook(path: $0.path, authID: $0.authID, context: context) }
    }
    if hooks.isEmpty { return nil }
  }

  /// The answer to a request; nil when it is none of the webhook's.
  func answer(_ request: ServerRequest) -> ServerResponse? {
    guard request.method == "POST" else { return nil }
    let here = hooks.filter { $0.path == request.path }
    guard !here.isEmpty else { return nil }
    // Every word is compared, so that the time does not tell which one was near.
    let word = request.header("Webhook-AuthID") ?? ""
    let trusted = here.filter { hook in
      do throws(ConfigurationError) {
        return SecretWord.areSame(word, try hook.authID.read())
      } catch {
        hook.context.activity.report(
          "\(hook.context.name)/webhook", error.description, level: .error)
        return false
      }
    }
    guard !trusted.isEmpty else { return ServerResponse(status: 403, text: "not known\n") }
    if let code = request.header("Webhook-ValidationCode") { return validation(code, request.body) }
    guard let notices = Notice.read(request.body) else {
      return ServerResponse(status: 400, text: "not a list of notifications\n")
    }
    for hook in trusted { hint(notices, hook.context) }
    return ServerResponse(text: "ok\n")
  }

  /// The service asks whether someone is there. What it asks is the same in header and body.
  private func validation(_ code: String, _ body: [UInt8]) -> ServerResponse {
    struct Question: Decodable { let validationCode: String }
    let question = try? JSONDecoder().decode(Question.self, from: Data(body))
    // A body that cannot be read asks something else than its header.
    return question?.validationCode == code
      ? ServerResponse(text: "ok\n")
      : ServerResponse(status: 400, text: "header and body ask for different things\n")
  }

  private func hint(_ notices: [Notice], _ context: TenantContext) {
    let named = notices.filter { $0.tenant == context.tenant }.compactMap(\.type)
    let types = Set(named).intersection(context.types)
    guard !types.isEmpty else { return }
    context.log.debug(
      "the service tells of new content",
      [
        "tenant": context.name,
        "content_types": types.map(\.rawValue).sorted().joined(separator: " "),
      ])
    context.hints.note(types)
  }
}

/// One entry of a notification, as far as it is looked at.
private struct Notice: Decodable {
  let tenant: TenantID?
  let type: ContentType?

  private enum CodingKeys: String, CodingKey {
    case tenantId
    case contentType
  }

  init(from decoder: any Decoder) throws {
    let members = try decoder.container(keyedBy: CodingKeys.self)
    // What has another form than expected names no feed.
    tenant = (try? members.decode(String.self, forKey: .tenantId)).flatMap { TenantID($0) }
    type = (try? members.decode(String.self, forKey: .contentType)).flatMap {
      ContentType(anyCase: $0)
    }
  }

  /// The entries of a body; nil when it is no list of objects.
  static func read(_ body: [UInt8]) -> [Notice]? {
    guard let notices = try? JSONDecoder().decode([Notice].self, from: Data(body)) else {
      return nil
    }
    return Array(notices.prefix(Limits.hintEntriesMax))
  }
}

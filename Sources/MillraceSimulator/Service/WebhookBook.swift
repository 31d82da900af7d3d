import FoundationEssentials
import MillraceCore
import MillraceHTTP
import MillraceRuntime
import Synchronization

/// The webhooks that applications registered with their subscriptions, and the posts to them
/// (Activity API reference, "Webhooks").
final class WebhookBook: Sendable {
  /// One webhook.
  struct Hook: Codable, Sendable, Equatable {
    var address: String
    var authId: String?
    var expiration: String?
  }

  private struct Key: Hashable {
    let tenant: TenantID
    let clientID: String
    let type: ContentType
  }

  private let hooks = Mutex<[Key: Hook]>([:])
  private let http = CurlClient(name: "webhooks", userAgent: "Office365-Simulator")

  deinit {
    http.shutdown()
  }

  /// What a start asks for; nil without a body, and for one that cannot be understood, which the
  /// service ignores without a word.
  static func read(_ body: [UInt8]) -> Hook? {
    struct Start: Decodable { var webhook: Hook? }
    // A body of another form is what is to be ignored.
    return (try? JSONDecoder().decode(Start.self, from: Data(body)))?.webhook
  }

  /// The webhook of a subscription as the service lists it; `null` without.
  func listed(_ type: ContentType, _ grant: TokenBook.Grant) -> String {
    guard let hook = hooks.withLock({ $0[key(type, grant)] }) else { return "null" }
    let word = hook.authId.map(Answers.quoted) ?? "null"
    return #"{"status":"enabled","address":\#(Answers.quoted(hook.address)),"authId":\#(word),"#
      + #""expiration":\#(Answers.quoted(hook.expiration ?? ""))}"#
  }

  /// Registers a webhook once whoever is there has answered; says why not otherwise.
  func register(_ hook: Hook, _ type: ContentType, _ grant: TokenBook.Grant) -> String? {
    // The real service takes https alone; this one is for one machine, too.
    guard hook.address.hasPrefix("https://") || hook.address.hasPrefix("http://127.0.0.1:") else {
      return "The address must begin with HTTPS."
    }
    let code = guidText(stableHash(hook.address + type.rawValue))
    let body = #"{"validationCode":"\#(code)"}"#
    guard post(body, to: hook, more: [("Webhook-ValidationCode", code)]) == 200 else {
      return "The endpoint did not return HTTP 200."
    }
    hooks.withLock { $0[key(type, grant)] = hook }
    return nil
  }

  /// Drops the webhook of a subscription, as a start without one does; whether there was one.
  func drop(_ type: ContentType, _ grant: TokenBook.Grant) -> Bool {
    hooks.withLock { $0.removeValue(forKey: key(type, grant)) } != nil
  }

  /// Tells every webhook of new content; gives what each answered, nil for no answer.
  func notify() -> [Int?] {
    hooks.withLock { $0 }.map { key, hook in
      let entry =
        #"{"tenantId":"\#(key.tenant)","clientId":"\#(key.clientID)","#
        + #""contentType":"\#(key.type)","contentId":"1$2$3","contentUri":"https://example.com/","#
        + #""contentCreated":"2026-01-01T00:00:00.000Z"}"#
      return post("[\(entry)]", to: hook)
    }
  }

  private func key(_ type: ContentType, _ grant: TokenBook.Grant) -> Key {
    Key(tenant: grant.tenant, clientID: grant.clientID, type: type)
  }

  /// Posts, and blocks until there is an answer: on a thread of the server, or of a test.
  private func post(_ body: String, to hook: Hook, more: [(String, String)] = []) -> Int? {
    let headers =
      [("Content-Type", "application/json; charset=utf-8")] + more
      + (hook.authId.map { [("Webhook-AuthID", $0)] } ?? [])
    let request = HTTPRequest(
      method: "POST", url: hook.address, headers: headers, body: Array(body.utf8),
      timeouts: HTTPTimeouts(total: .seconds(30)))
    let answer = ConditionLock<Result<HTTPResponse, HTTPError>?>(nil)
    let http = http
    Task {
      let made: Result<HTTPResponse, HTTPError>
      do throws(HTTPError) { made = .success(try await http.send(request)) } catch {
        made = .failure(error)
      }
      answer.withLock { $0 = made }
      answer.signal()
    }
    let made = answer.wait({ $0 != nil }, then: { $0 })
    guard case .success(let response)? = made else { return nil }
    return response.status
  }
}

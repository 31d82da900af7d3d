package import MillraceCore

/// A subscription as the service lists it (Activity API reference, "List current subscriptions").
package struct Subscription: Hashable, Sendable {
  /// The content type as spelled by the service, which echoes its callers.
  package let name: String
  /// The content type; nil when it is none of the five.
  package let contentType: ContentType?
  /// Whether it is enabled. A missing status counts as enabled.
  package let isEnabled: Bool
  /// Whether the service stated a status at all; worth a line in the log when it did not.
  package let statesStatus: Bool
  /// The address of its webhook, if it has one that is enabled.
  package let webhookAddress: String?

  /// Reads an object of the list; nil when it names no content type.
  init?(_ value: JSONValue) {
    guard let name = value["contentType"]?.string else { return nil }
    let status = value["status"]?.string
    self.name = name
    contentType = ContentType(anyCase: name)
    isEnabled = status.map { $0.lowercased() == "enabled" } ?? true
    statesStatus = status != nil
    let webhook = value["webhook"]
    webhookAddress =
      webhook?["status"]?.string.map { $0.lowercased() == "enabled" } ?? true
      ? webhook?["address"]?.string : nil
  }
}

/// What starting a subscription came to.
package enum StartOutcome: Hashable, Sendable {
  /// The service says it is started; it may take until it shows in the list.
  case started
  /// It is started, and the webhook that was asked for is not in the answer: bodies that the
  /// service does not understand are ignored without a word.
  case startedWithoutWebhook
  /// It was enabled before (AF20024).
  case alreadyEnabled
}

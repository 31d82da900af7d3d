/// The fields of ECS 8.11 in the order in which they are written, each with where it comes from;
/// then `millrace.*`, with every field of the native event that no field of ECS holds.
enum ECSFields {
  static let table = FormatTable(standard(dataset: "millrace.m365", module: "millrace") + rest)

  /// The same for those who have rules written for Elastic's own integration.
  static let o365Table = FormatTable(
    standard(dataset: "o365.audit", module: "o365").map { row in
      switch row.path {
      case "event.category":
        FormatRow(
          "event.category",
          .made("action, category, email.verdict, alert.name", ECSValues.categoriesOfElastic))
      case "event.type":
        FormatRow("event.type", .made("action, verb, dlp.is_blocked", ECSValues.typesOfElastic))
      case "user.id":
        FormatRow("user.id", .made("actor.raw_id, actor.id", ECSValues.userIDOfElastic))
      case "rule.id":
        FormatRow("rule.id", .made("policies, alert.policy_id", ECSValues.ruleIDsOfElastic))
      case "rule.name":
        FormatRow("rule.name", .made("policies, alert.name", ECSValues.ruleNamesOfElastic))
      default: row
      }
    } + rest)

  private static func standard(
    dataset: StaticString, module: StaticString
  ) -> [FormatRow] {
    [
      FormatRow("@timestamp", .field("time")), FormatRow("ecs.version", .constant("8.11.0")),
      FormatRow("message", .field("message")), FormatRow("labels", .field("labels")),
    ] + event(dataset: dataset, module: module) + people + place + things
  }

  private static func event(dataset: StaticString, module: StaticString) -> [FormatRow] {
    [
      FormatRow("event.kind", .made("is_alert", ECSValues.kind)),
      FormatRow(
        "event.category", .made("action, category, email.verdict, alert.name", ECSValues.categories)
      ),
      FormatRow("event.type", .made("action, verb, dlp.is_blocked", ECSValues.types)),
      FormatRow("event.action", .first("operation", "action")),
      FormatRow("event.outcome", .made("outcome.result", ECSValues.outcome)),
      FormatRow("event.reason", .made("outcome.reason, outcome.status", ECSValues.reason)),
      FormatRow("event.severity", .made("severity", ECSValues.severity)),
      FormatRow("event.start", .field("time_start")),
      FormatRow("event.end", .field("time_end")),
      FormatRow("event.code", .field("record.type")),
      FormatRow("event.provider", .field("workload")),
      FormatRow("event.id", .field("id")),
      FormatRow("event.created", .field("collected_time")),
      FormatRow("event.module", .constant(module)),
      FormatRow("event.dataset", .constant(dataset)),
      FormatRow("event.original", .field("raw")),
      FormatRow("error.code", .made("outcome.code", ECSValues.errorCode)),
      FormatRow("error.message", .made("outcome.detail", ECSValues.errorMessage)),
      FormatRow("rule.id", .made("policies, alert.policy_id", ECSValues.ruleID)),
      FormatRow("rule.name", .made("policies, alert.name", ECSValues.ruleName)),
      FormatRow("rule.ruleset", .made("policies", ECSValues.ruleset)),
      FormatRow("rule.category", .made("alert.category", ECSValues.ruleCategory)),
    ]
  }

  private static let people = [
    FormatRow(
      "user.id", .made("actor.id, actor.sid, actor.puid | target.id, targets", ECSValues.userID)),
    FormatRow(
      "user.name",
      .made("actor.upn, actor.name | target.upn, target.name, targets", ECSValues.userName)),
    FormatRow("user.email", .made("actor.upn | target.upn, targets", ECSValues.userEmail)),
    FormatRow(
      "user.domain", .made("actor.domain | target.upn, target.name, targets", ECSValues.userDomain)),
    FormatRow("user.full_name", .made("actor.name", ECSValues.userFullName)),
    FormatRow(
      "user.target.id", .made("target.id, mailbox.owner_sid, targets", ECSValues.targetID)),
    FormatRow("user.target.name", .made("target.upn, target.name, targets", ECSValues.targetName)),
    FormatRow("user.target.email", .made("target.upn, targets", ECSValues.targetEmail)),
    FormatRow("user.target.roles", .made("roles", ECSValues.targetRoles)),
    FormatRow("user.changes.name", .made("changes", ECSValues.newUserName)),
    FormatRow("group.id", .made("team.group_id, target.id, targets", ECSValues.groupID)),
    FormatRow("group.name", .made("target.name, targets", ECSValues.groupName)),
    FormatRow("organization.id", .field("tenant.id")),
    FormatRow("organization.name", .field("tenant.name")),
  ]

  private static let place = [
    FormatRow("source.ip", .field("source.ip")), FormatRow("source.port", .field("source.port")),
    FormatRow("source.address", .field("source.address")),
    FormatRow("source.domain", .field("source.domain")),
    FormatRow("source.geo.country_iso_code", .field("source.geo.country_iso")),
    FormatRow("source.geo.country_name", .field("source.geo.country")),
    FormatRow(
      "source.geo.region_iso_code",
      .made("source.geo.country_iso, source.geo.region_iso", ECSValues.region)),
    FormatRow("source.geo.region_name", .field("source.geo.region")),
    FormatRow("source.geo.city_name", .field("source.geo.city")),
    FormatRow("source.geo.location.lat", .made("source.geo.lat", ECSValues.latitude)),
    FormatRow("source.geo.location.lon", .made("source.geo.lon", ECSValues.longitude)),
    FormatRow("source.geo.timezone", .field("source.geo.timezone")),
    FormatRow("source.as.number", .field("source.as_number")),
    FormatRow("source.as.organization.name", .field("source.as_org")),
    FormatRow("user_agent.original", .field("user_agent.original")),
    FormatRow("user_agent.name", .field("user_agent.name")),
    FormatRow("user_agent.version", .field("user_agent.version")),
    FormatRow("user_agent.os.name", .first("user_agent.os", "device.os")),
    FormatRow("host.id", .field("device.id")), FormatRow("host.name", .field("device.name")),
  ]

  private static let things = [
    FormatRow("file.name", .field("file.name")), FormatRow("file.extension", .field("file.ext")),
    FormatRow("file.size", .field("file.size")),
    FormatRow("file.directory", .made("file.path", ECSValues.directory)),
    FormatRow("file.path", .field("file.path")),
    FormatRow("file.type", .made("file.type", ECSValues.fileType)),
    FormatRow("file.hash.sha256", .field("file.sha256")),
    FormatRow("url.original", .made("object_id, file.url | target.name", ECSValues.url)),
    FormatRow("url.full", .made("object_id, file.url | target.name", ECSValues.fullURL)),
    FormatRow("url.domain", .made("object_id, file.url | target.name", ECSValues.urlDomain)),
    FormatRow("email.message_id", .made("email.message_id, email.items", ECSValues.messageID)),
    FormatRow("email.local_id", .field("email.network_message_id")),
    FormatRow("email.subject", .made("email.subject, email.items", ECSValues.subject)),
    FormatRow("email.direction", .made("email.direction", ECSValues.direction)),
    FormatRow("email.from.address", .made("email.from, actor.upn", ECSValues.from)),
    FormatRow("email.sender.address", .field("email.envelope_from")),
    FormatRow("email.to.address", .field("email.to")),
    FormatRow("email.cc.address", .field("email.cc")),
    FormatRow("email.bcc.address", .field("email.bcc")),
    FormatRow("email.origination_timestamp", .field("email.sent_time")),
    FormatRow(
      "email.attachments", .made("email.attachments, email.items", ECSValues.attachments)),
    FormatRow("service.id", .field("app.resource_id")),
    FormatRow("service.name", .field("app.resource_name")),
    FormatRow("cloud.provider", .constant("microsoft_365")),
    FormatRow("cloud.account.id", .field("tenant.id")),
    FormatRow("cloud.service.name", .field("service")),
    FormatRow(
      "related.ip",
      .made("source.*, email.sender_ip, alert.*, ext", ECSValues.relatedIP)),
    FormatRow(
      "related.user",
      .made(
        "actor.*, target.*, targets, sharing.target, mail_rule.*, email.*", ECSValues.relatedUser)),
    FormatRow(
      "related.hosts",
      .made("device.name, source.domain, object_id, file.url", ECSValues.relatedHosts)),
    FormatRow("related.hash", .made("file.sha256, email.attachments", ECSValues.relatedHash)),
  ]

  /// Fields that ECS has a place for in every event that has them.
  private static let expressed: Set<String> = [
    "id", "time", "time_start", "time_end", "collected_time", "tenant.id", "tenant.name",
    "record.type", "workload", "service", "operation", "is_alert", "message", "labels", "raw",
    "actor.id", "source.ip", "source.port", "source.address", "source.domain",
    "source.geo.country_iso", "source.geo.country", "source.geo.region",
    "source.geo.city", "source.geo.timezone", "source.geo.lat", "source.geo.lon",
    "source.as_number", "source.as_org", "user_agent.original", "user_agent.name",
    "user_agent.version", "user_agent.os", "device.id", "device.name", "file.name", "file.ext",
    "file.size", "file.path", "file.sha256", "email.network_message_id", "email.direction",
    "email.envelope_from", "email.to", "email.cc", "email.bcc", "email.sent_time",
    "email.message_id", "email.subject", "email.from", "app.resource_id",
    "app.resource_name",
  ]

  /// Everything else, under the name it has in the native event.
  private static let rest = EventField.paths.filter { !expressed.contains("\($0)") }
    .map { FormatRow("millrace.\($0)", .field($0)) }
}

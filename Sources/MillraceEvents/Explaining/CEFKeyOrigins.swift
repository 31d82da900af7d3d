/// What the keys of CEF, and the parameters of structured data, are made of, for explanations.
enum CEFKeyOrigins {
  /// One key: the fields of the native event behind it, names joined by dots. Of several, the
  /// first that the event has counts, unless the value is made of all of them.
  struct Row: Sendable {
    let key: String
    let paths: [String]
    let isMade: Bool

    init(_ key: String, _ paths: String, isMade: Bool = false) {
      self.key = key
      self.paths = paths.split(separator: " ").map(String.init)
      self.isMade = isMade
    }
  }

  /// The row of each key; those of labels have none, as labels are always the same.
  static let table: [String: Row] = {
    var table: [String: Row] = [:]
    for row in rows {
      precondition(table[row.key] == nil, "\(row.key) has two rows")
      table[row.key] = row
    }
    return table
  }()

  /// The fields of the header that depend on the event, in order.
  static let header = [
    Row("header.signature_id", "record.type_id operation", isMade: true),
    Row("header.name", "action"), Row("header.severity", "severity", isMade: true),
  ]

  private static let rows = [
    Row("rt", "time", isMade: true), Row("start", "time_start time", isMade: true),
    Row("end", "time_end", isMade: true), Row("externalId", "id"), Row("act", "operation"),
    Row("cat", "category verb", isMade: true), Row("outcome", "outcome.result"),
    Row("reason", "outcome.reason outcome.detail dlp.is_blocked"),
    Row("suser", "actor.upn actor.name actor.raw_id"),
    Row("suid", "actor.id actor.sid actor.puid"), Row("spriv", "actor.user_type"),
    Row("sntdom", "actor.domain"), Row("src", "source.ip"), Row("c6a2", "source.ip"),
    Row("spt", "source.port"), Row("requestClientApplication", "user_agent.original"),
    Row("request", "file.url object_id target.name"),
    Row("fname", "file.dest_name file.name"),
    Row("filePath", "file.dest_path file.path"), Row("oldFilePath", "file.path"),
    Row("fsize", "file.size"), Row("fileId", "file.item_id"),
    Row("fileHash", "file.sha256 email.attachments", isMade: true),
    Row("destinationServiceName", "service"), Row("deviceExternalId", "tenant.id"),
    Row("shost", "device.name"), Row("cnt", "count"), Row("cs1", "record.type"),
    Row("cs2", "policies alert.name alert.policy_id", isMade: true),
    Row("cs3", "session.id"), Row("cs4", "app.id"), Row("cs5", "correlation.id"),
    Row("cs6", "email.message_id email.items target.name target.upn target.id", isMade: true),
    Row("cn1", "record.type_id"),
    Row("cn2", "outcome.code"), Row("deviceCustomDate1", "collected_time", isMade: true),
    Row("slat", "source.geo.lat"), Row("slong", "source.geo.lon"),
    Row("duser", "targets target.upn target.name sharing.target email.to", isMade: true),
    Row("duid", "targets mailbox.owner_sid target.id", isMade: true),
    Row(
      "msg",
      "mail_rule.forward_to mail_rule.redirect_to roles permissions email.verdict email.from"
        + " email.to email.subject email.items", isMade: true),
  ]

  /// The row of a parameter of structured data.
  static func parameter(_ name: String) -> Row? {
    guard let parameter = SyslogHeader.parameters.first(where: { "\($0.name)" == name })
    else { return nil }
    let others =
      switch name {
      case "actor": " actor.name actor.raw_id"
      case "actorId": " actor.sid actor.puid"
      case "target": " target.name target.id"
      default: ""
      }
    return Row(name, "\(parameter.path)" + others)
  }
}

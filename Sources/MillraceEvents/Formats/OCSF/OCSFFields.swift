/// The attributes of OCSF 1.8.0 in the order in which they are written, each with where it comes
/// from and the classes that have it.
enum OCSFFields {
  static let table = FormatTable(
    base + metadata + people + things + place + findings + [
      row(
        "observables",
        .made(
          """
          source.ip, email.*, alert.*, actor.upn, target.*, targets, mailbox.owner, file.sha256, \
          file.url, object_id, mail_rule.forward_to, mail_rule.redirect_to
          """, OCSFObservables.list)),
      row("unmapped", .made("ext, all else", OCSFValues.unmapped)),
      row("raw_data", .field("raw")),
    ])

  private static func row(
    _ path: String, _ source: FormatSource, _ classes: OCSFClasses = .all
  ) -> FormatRow {
    FormatRow(path, source, groups: classes.rawValue)
  }

  private static let base = [
    row("class_uid", .made("action", OCSFValues.classUID)),
    row("category_uid", .made("action", OCSFValues.categoryUID)),
    row("activity_id", .made("action", OCSFValues.activityID)),
    row("type_uid", .made("action", OCSFValues.typeUID)),
    row("activity_name", .made("action, operation", OCSFValues.activityName)),
    row("time", .made("time", OCSFValues.time)),
    row("start_time", .made("time_start", OCSFValues.startTime)),
    row("end_time", .made("time_end", OCSFValues.endTime)),
    row("count", .field("count")),
    row("severity_id", .made("severity", OCSFValues.severityID)),
    row("status_id", .made("outcome.result, alert.status, action", OCSFValues.statusID)),
    row("status", .made("outcome.result, outcome.status", OCSFValues.status)),
    row("status_code", .field("outcome.code")),
    row(
      "status_detail",
      .made("outcome.reason, outcome.detail, outcome.status", OCSFValues.statusDetail)),
    row("message", .field("message")),
    row("is_alert", .field("is_alert"), .findings),
  ]

  private static let metadata = [
    row("metadata.version", .constant("1.8.0")),
    row("metadata.product.name", .constant("Microsoft 365")),
    row("metadata.product.vendor_name", .constant("Microsoft")),
    row("metadata.product.feature.name", .made("service", OCSFValues.feature)),
    row("metadata.uid", .field("id")),
    row("metadata.event_code", .first("operation", "action")),
    row("metadata.tenant_uid", .field("tenant.id")),
    row("metadata.original_time", .made("time, ext", OCSFValues.originalTime)),
    row("metadata.logged_time", .made("collected_time", OCSFValues.loggedTime)),
    row("metadata.log_name", .constant("Office 365 Management Activity API")),
    row("metadata.profiles", .made("action, device.*, ai.*", OCSFValues.profiles)),
    row(
      "metadata.correlation_uid", .first("correlation.id", "correlation.inter_system_id")),
    row("cloud.provider", .constant("Microsoft 365")),
    row("cloud.org.uid", .field("tenant.id")),
    row("cloud.org.name", .field("tenant.name")),
  ]

  /// The attributes of the actor as a user.
  private static func actor(_ prefix: String, _ classes: OCSFClasses) -> [FormatRow] {
    [
      row(prefix + "uid", .made("actor.id, actor.sid, actor.puid", OCSFValues.actorUID), classes),
      row(
        prefix + "name", .made("actor.upn, actor.name, actor.raw_id", OCSFValues.actorName),
        classes),
      row(prefix + "email_addr", .made("actor.upn", OCSFValues.actorAddress), classes),
      row(prefix + "domain", .field("actor.domain"), classes),
      row(prefix + "full_name", .made("actor.name", OCSFValues.actorFullName), classes),
      row(prefix + "uid_alt", .field("actor.puid"), classes),
      row(prefix + "type_id", .made("actor.type", OCSFValues.actorTypeID), classes),
      row(prefix + "type", .made("actor.type", OCSFValues.actorType), classes),
    ]
  }

  private static let target = [
    row("user.uid", .made("target.id, targets", OCSFValues.targetUID), .withTargetUser),
    row(
      "user.name", .made("target.upn, target.name, targets", OCSFValues.targetName),
      .withTargetUser),
    row("user.email_addr", .made("target.upn, targets", OCSFValues.targetAddress), .withTargetUser),
    row("user.uid_alt", .made("target.puid", OCSFValues.targetPuid), .withTargetUser),
    row(
      "user.type_id", .made("target.type, target.upn, targets", OCSFValues.targetTypeID),
      .withTargetUser),
    row(
      "user.type", .made("target.type, target.upn, targets", OCSFValues.targetType),
      .withTargetUser),
  ]

  private static let people =
    actor("user.", .authentication)
    + [
      row("user.account.type_id", .made("actor.id", OCSFValues.accountType), .authentication),
      row("user.account.type", .made("actor.id", OCSFValues.accountTypeName), .authentication),
      row("user.account.uid", .field("actor.id"), .authentication),
    ] + target + actor("actor.user.", .withActor) + [
      row("actor.session.uid", .field("session.id"), .withActor),
      row("actor.session.uid_alt", .field("session.token_id"), .withActor),
      row(
        "actor.session.created_time",
        .made("session.token_issued_time", OCSFValues.tokenTime), .withActor),
      row("actor.app_uid", .field("app.id"), .withActor.union(.authentication)),
      row(
        "actor.app_name", .made("app.name, service", OCSFValues.applicationName),
        .withActor.union(.authentication)),
      row("actor.idp.name", .made("app.id, app.name", OCSFValues.provider), .authentication),
      row(
        "actor.idp.tenant_uid", .made("actor.tenant_id", OCSFValues.providerTenant),
        .authentication),
      row("session.uid", .field("session.id"), .authentication),
      row("session.is_remote", .made("session.id", OCSFValues.isRemoteSession), .authentication),
      row("auth_protocol_id", .made("auth.protocol", OCSFValues.protocolID), .authentication),
      row("auth_protocol", .made("auth.protocol", OCSFValues.protocolName), .authentication),
      row(
        "logon_type_id", .made("auth.is_interactive", OCSFValues.logonType), .authentication),
      row("is_remote", .made("", OCSFValues.isRemote), .authentication),
      row("is_mfa", .field("auth.is_mfa"), .authentication),
      row(
        "service.name", .made("app.resource_name, target.name", OCSFValues.serviceName),
        .authentication),
      row("service.uid", .field("app.resource_id"), .authentication),
    ]

  private static let things = [
    row("privileges", .first("roles", "permissions"), [.userAccess, .groupManagement]),
    row("group.uid", .made("target.id, team.id, targets", OCSFValues.groupUID), .groupManagement),
    row(
      "group.name", .made("target.name, team.name, targets", OCSFValues.groupName),
      .groupManagement),
    row("entity.uid", .made("target.*, targets", OCSFValues.entityUID), .entityManagement),
    row(
      "entity.name", .made("target.*, targets, object_id", OCSFValues.entityName),
      .entityManagement),
    row(
      "entity.type_id", .made("action, target.type, targets", OCSFValues.entityTypeID),
      .entityManagement),
    row(
      "entity.type", .made("action, target.type, targets", OCSFValues.entityType),
      .entityManagement),
    row("app.uid", .field("target.id"), .applicationLifecycle),
    row("app.name", .field("target.name"), .applicationLifecycle),
    row("api.operation", .first("operation", "action"), .apiActivity),
    row("api.service.name", .made("service", OCSFValues.feature), .apiActivity),
    row("api.service.uid", .field("app.api_id"), .apiActivity),
    row("api.request.uid", .made("id, params", OCSFValues.requestUID), .apiActivity),
    row("api.request.data", .made("id, params", OCSFValues.requestData), .apiActivity),
    row("ai_model.name", .made("ai.model, ai.provider", OCSFValues.modelName), .apiActivity),
    row(
      "ai_model.ai_provider", .made("ai.model, ai.provider", OCSFValues.modelProvider), .apiActivity
    ),
    row("message_context.uid", .field("ai.thread_id"), .apiActivity),
    row(
      "message_context.service.name", .made("ai.*, service", OCSFValues.assistant), .apiActivity),
    row("file.name", .made("file.name, target.name", OCSFValues.fileName), .fileHosting),
    row("file.type_id", .made("file.type, target.type", OCSFValues.fileType), .fileHosting),
    row("file.ext", .field("file.ext"), .fileHosting),
    row("file.size", .field("file.size"), .fileHosting),
    row("file.uid", .first("file.item_id", "target.id"), .fileHosting),
    row("file.path", .field("file.path"), .fileHosting),
    row("file.is_public", .made("sharing.is_anonymous", OCSFValues.isPublic), .fileHosting),
    row("file.url.url_string", .field("file.url"), .fileHosting),
    row("file.url.hostname", .made("file.url", OCSFValues.fileHost), .fileHosting),
    row("file.hashes", .made("file.sha256", OCSFFile.hashes), .fileHosting),
    row(
      "file_result.name", .made("file.dest_name, file.dest_path", OCSFFileResult.name),
      .fileHosting),
    row(
      "file_result.type_id",
      .made("file.dest_name, file.dest_path, file.type, target.type", OCSFFileResult.type),
      .fileHosting),
    row(
      "file_result.ext", .made("file.dest_name, file.dest_path", OCSFFileResult.nameExtension),
      .fileHosting),
    row(
      "file_result.path", .made("file.dest_path, file.path", OCSFFileResult.path), .fileHosting),
    row(
      "file", .made("file.*, target.name, target.type", OCSFFile.object), .dataSecurityFinding),
    row("share", .field("sharing.id"), .fileHosting),
    row("share_type_id", .made("sharing.scope", OCSFValues.shareTypeID), .fileHosting),
    row("share_type", .made("sharing.scope", OCSFValues.shareType), .fileHosting),
    row("access_list", .made("sharing.permission", OCSFValues.accessList), .fileHosting),
    row("web_resources", .made("target.*, file.*", OCSFValues.webResources), .webResources),
    row("direction_id", .made("email.direction", OCSFValues.directionID), .emailActivity),
    row("email.from", .made("email.from, actor.upn", OCSFValues.from), .emailActivity),
    row("email.to", .made("email.to", OCSFValues.to), .emailActivity),
    row("email.cc", .made("email.cc", OCSFValues.cc), .emailActivity),
    row(
      "email.subject", .made("email.subject, email.items", ECSValues.subject), .emailActivity),
    row(
      "email.message_uid", .made("email.message_id, email.items", ECSValues.messageID),
      .emailActivity),
    row("email.size", .field("email.size"), .emailActivity),
    row(
      "email.files", .made("email.attachments, email.items", OCSFFile.attachments),
      .emailActivity),
    row(
      "resources",
      .made("target.*, mailbox.*, email.items, roles, ai.resources", OCSFValues.resources),
      [.userAccess, .apiActivity, .detectionFinding, .dataSecurityFinding]),
  ]

  private static let place = [
    row("src_endpoint.ip", .field("source.ip"), .withSource),
    row("src_endpoint.port", .field("source.port"), .withSource),
    row("src_endpoint.hostname", .field("source.domain"), .withSource),
    row(
      "src_endpoint.svc_name", .made("workload, service", OCSFValues.sourceService), .withSource),
    row("src_endpoint.location.country", .field("source.geo.country_iso"), .withSource),
    row(
      "src_endpoint.location.region", .made("source.geo.region_iso", OCSFValues.locationRegion),
      .withSource),
    row(
      "src_endpoint.location.city", .made("source.geo.city", OCSFValues.locationCity),
      .withSource),
    row("src_endpoint.location.lat", .made("source.geo.lat", OCSFValues.latitude), .withSource),
    row("src_endpoint.location.long", .made("source.geo.lon", OCSFValues.longitude), .withSource),
    row(
      "src_endpoint.location.coordinates",
      .made("source.geo.lon, source.geo.lat", OCSFValues.coordinates), .withSource),
    row(
      "src_endpoint.location.provider",
      .made("source.geo.provider", OCSFValues.locationProvider), .withSource),
    row("src_endpoint.autonomous_system.number", .field("source.as_number"), .withSource),
    row("src_endpoint.autonomous_system.name", .field("source.as_org"), .withSource),
    row(
      "http_request.user_agent", .first("user_agent.original", "app.client_info"), .withRequest),
    row("device.uid", .field("device.id")), row("device.name", .field("device.name")),
    row("device.ip", .made("source.ip", OCSFValues.deviceIP), .applicationLifecycle),
    row("device.type_id", .made("device.*", OCSFValues.deviceType)),
    row("device.os.name", .made("device.os", OCSFValues.system)),
    row("device.os.type_id", .made("device.os", OCSFValues.systemType)),
    row("device.is_compliant", .made("device.is_compliant", OCSFValues.isCompliant)),
    row("device.is_managed", .made("device.is_managed", OCSFValues.isManaged)),
    row("device.is_trusted", .made("device.trust_type", OCSFValues.isTrusted)),
  ]

  private static let findings = [
    row("finding_info.uid", .made("alert.id, id", OCSFValues.findingUID), .findings),
    row("finding_info.title", .made("alert.name, policies", OCSFValues.title), .findings),
    row(
      "finding_info.types",
      .made("alert.category, email.verdict, risk.event_type", OCSFValues.findingTypes),
      .findings),
    row(
      "finding_info.analytic.type_id", .made("policies, alert.*", OCSFValues.analyticType),
      .findings),
    row(
      "finding_info.analytic.uid", .made("policies, alert.policy_id", ECSValues.ruleID),
      .findings),
    row(
      "finding_info.analytic.name", .made("policies, alert.name", ECSValues.ruleName), .findings),
    row("finding_info.src_url", .field("alert.url"), .findings),
    row("action_id", .made("dlp.is_blocked, ext", OCSFValues.actionID), .findings),
    row(
      "disposition_id", .made("dlp.is_blocked", OCSFValues.dispositionID), .dataSecurityFinding),
    row("policy.uid", .made("policies", OCSFValues.policyUID), .dataSecurityFinding),
    row("policy.name", .made("policies", ECSValues.ruleset), .dataSecurityFinding),
    row(
      "data_security.category_id", .made("dlp.sensitive_types", OCSFValues.dataCategory),
      .dataSecurityFinding),
    row(
      "data_security.detection_pattern", .made("dlp.sensitive_types", OCSFValues.pattern),
      .dataSecurityFinding),
    row(
      "data_security.policy.uid", .made("policies", OCSFValues.policyUID), .dataSecurityFinding),
    row(
      "data_security.policy.name", .made("policies", ECSValues.ruleset), .dataSecurityFinding),
    row("risk_level_id", .made("risk.level", OCSFValues.riskLevelID), .detectionFinding),
    row("risk_level", .made("risk.level", OCSFValues.riskLevel), .detectionFinding),
    row(
      "evidences",
      .made(
        "target.*, targets, actor.*, source.*, workload, alert.*, email.*, file.*",
        OCSFEvidence.list),
      .detectionFinding),
  ]

  /// Fields that OCSF has a place for in every class.
  private static let expressed: Set<String> = [
    "id", "time", "time_start", "time_end", "count", "message", "collected_time", "tenant.id",
    "tenant.name", "operation", "outcome.code", "raw", "ext",
  ]

  /// The other fields, under `unmapped.millrace`, with the names of the native event.
  static let rest = FormatTable(
    EventField.paths.filter { !expressed.contains("\($0)") }.map {
      FormatRow("\($0)", .field($0))
    })
}

package import MillraceCore

/// How events are written.
package enum EventFormat: String, CaseIterable, Sendable {
  /// Millrace's own event (Schemas/event.schema.json).
  case native
  /// The record as the service wrote it, on one line.
  case raw
  /// Elastic Common Schema 8.11, with what it has no field for under `millrace`.
  case ecs
  /// The same with the record under the names of Elastic's own integration, `o365.audit.*`, for
  /// those who have rules written for it.
  case ecsO365 = "ecs_o365"
  /// Open Cybersecurity Schema Framework 1.8.0, with what it has no attribute for in `unmapped`.
  case ocsf
  /// ArcSight's Common Event Format.
  case cef

  /// The leaf fields of native events, names joined by dots, in the order in which they are
  /// written: what the schema is held against.
  package static var nativeFields: [String] { EventField.paths.map { "\($0)" } }

  /// Whether the record itself, or a copy of its members, is in every event.
  package var carriesRecord: Bool { self == .raw || self == .ecsO365 }

  /// Whether its events have a place for `message`.
  var hasSummary: Bool { self != .raw && self != .cef }
}

/// Whether, and how, a native event carries the record it was made from in its member `raw`.
package enum RawAttachment: String, CaseIterable, Sendable {
  /// It does not.
  case off
  /// As a JSON string that holds the record byte for byte.
  case string
  /// As a JSON object.
  case object
}

/// What an event says that is not in its record: where and when the record was found.
package struct EventContext: Sendable {
  let tenant: [UInt8]
  let tenantName: [UInt8]
  let domains: OwnDomains
  let contentType: [UInt8]
  let contentID: [UInt8]
  let available: Timestamp?
  let collected: Timestamp?

  /// The context of the records of one blob.
  ///
  /// - Parameters:
  ///   - tenant: The tenant asked; a record's own `OrganizationId` counts for more.
  ///   - tenantName: The tenant's configured name, or its id for want of one; a name in the record
  ///     counts for more than an id.
  ///   - domains: The tenant's own domains; others count as outside.
  ///   - contentType: The kind of content the blob was listed under.
  ///   - contentID: The blob's name.
  ///   - available: When the service made the blob available; the time of records without one.
  ///   - collected: When the blob was fetched.
  package init(
    tenant: TenantID?, tenantName: String?, domains: OwnDomains = .unknown,
    contentType: ContentType?, contentID: ContentID?, available: Timestamp?, collected: Timestamp?
  ) {
    self.tenant = Array((tenant?.description ?? "").utf8)
    self.tenantName = Array((tenantName ?? "").utf8)
    self.domains = domains
    self.contentType = Array((contentType?.rawValue ?? "").utf8)
    self.contentID = Array((contentID?.description ?? "").utf8)
    self.available = available
    self.collected = collected
  }
}

import MillraceCore
import MillraceEvents
package import MillraceStore

/// What a command asks to be replayed, and how; kept as JSON with the job.
package struct ReplayRequest: Codable, Hashable, Sendable {
  /// The sink it goes to; empty when it goes to standard output.
  package var sink: String
  /// From this moment on, and before that one, in RFC 3339.
  package var from: String?
  /// Before this moment.
  package var to: String?
  /// Which time is meant.
  package var by: ReplaySelection.Basis
  /// GUIDs; all tenants when there are none.
  package var tenants: [String]
  /// Names of content types; all when there are none.
  package var contentTypes: [String]
  /// Names of blobs; all when there are none.
  package var contentIds: [String]
  /// Operations in any letter case; all when there are none.
  package var operations: [String]
  /// How many events a second at most; nil for as many as go.
  package var rate: Int?
  /// How events are written; nil for as the sink's configuration says.
  package var format: String?

  /// Everything, to a sink.
  package init(sink: String) {
    self.sink = sink
    by = .event
    tenants = []
    contentTypes = []
    contentIds = []
    operations = []
  }

  /// Whether it can be told without looking into records how many events it takes.
  package var isCountKnown: Bool {
    operations.isEmpty && (by != .event || from == nil && to == nil)
  }

  /// What of it the store decides.
  var selection: ReplaySelection {
    var selection = ReplaySelection()
    selection.from = from.flatMap { Timestamp($0) }
    selection.to = to.flatMap { Timestamp($0) }
    selection.basis = by
    selection.tenants = tenants.compactMap { TenantID($0) }
    selection.contentTypes = contentTypes.compactMap { ContentType(anyCase: $0) }
    selection.contentIDs = contentIds.map { ContentID($0) }
    return selection
  }

  /// What is wrong with it; nil when it can be done. A word that is not understood must not widen
  /// what is sent.
  var problem: String? {
    for moment in [from, to].compactMap({ $0 }) where Timestamp(moment) == nil {
      return "\(moment) is not a time"
    }
    if let tenant = tenants.first(where: { TenantID($0) == nil }) {
      return "\(tenant) is not the GUID of a tenant"
    }
    if let type = contentTypes.first(where: { ContentType(anyCase: $0) == nil }) {
      return "\(type) is not a content type"
    }
    if let format, EventFormat(rawValue: format) == nil { return "\(format) is not a format" }
    if let rate, !(1...Limits.replayRateMax).contains(rate) {
      return "a rate is 1 to \(Limits.replayRateMax) events a second"
    }
    return nil
  }

  /// Whether what it asks for can be had of a sink with this encoding: a record that is not
  /// normalized has no pseudonyms in it.
  func suits(_ encoding: Encoding) -> Bool {
    guard encoding.pseudonyms != nil, let format else { return true }
    return EventFormat(rawValue: format)?.carriesRecord != true
  }

  /// What its events look like. A format that does not suit the sink, which was refused when the
  /// replay began unless the sink changed since, is not used.
  func shape(_ configured: BatchShape) -> BatchShape {
    var encoding = configured.encoding
    if let format = format.flatMap({ EventFormat(rawValue: $0) }), suits(encoding) {
      encoding.format = format
      if format == .raw { encoding.raw = .off }
    }
    // No more than a second's worth at a time, so that a low rate is a steady one.
    let eventsMax = min(configured.eventsMax, rate ?? .max)
    return BatchShape(encoding: encoding, eventsMax: eventsMax, bytesMax: configured.bytesMax)
  }
}

/// What is kept of a replay as JSON: what was asked, and what that came to when it was started.
struct ReplayDocument: Codable, Sendable {
  let request: ReplayRequest
  let extent: ReplayExtent

  /// Reads what the store kept; nil when another version wrote it.
  init?(_ job: ReplayJob) {
    do {
      self = try ReportJSON.read(ReplayDocument.self, from: Array(job.selection.utf8))
    } catch {
      return nil
    }
  }

  init(request: ReplayRequest, extent: ReplayExtent) {
    self.request = request
    self.extent = extent
  }
}

/// What is told of a replay. The JSON form is part of the interface: fields are only added.
package struct ReplayReport: Codable, Sendable {
  /// Its number; absent when it goes to standard output.
  package var id: Int64?
  /// Where it stands in its life.
  package var state: ReplayJob.State
  /// What was asked.
  package var request: ReplayRequest
  /// Entries of the log that are selected, a blob in parts counted by its parts.
  package var blobs: Int
  /// Events in them, those included that turn out not to be asked for.
  package var events: Int
  /// How many of those were looked at; absent when nobody who runs it was asked.
  package var examined: Int?
  /// Events delivered.
  package var delivered: Int
  /// Selected entries whose bodies were deleted before, by retention or by a full store.
  package var goneBlobs: Int
  /// Events that were in those.
  package var goneEvents: Int
  /// Selected entries that could not be read, since the process that runs it started.
  package var damagedBlobs: Int
  /// Whether it was running before it was asked for.
  package var wasRunning: Bool
  /// When it was started; absent when it goes to standard output.
  package var createdAt: String?
  /// When it last moved; absent when it goes to standard output.
  package var updatedAt: String?
  /// What keeps it from going on now.
  package var problem: String?
}

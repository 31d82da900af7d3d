package import MillraceCore

/// Which events a sink gets: those that one of `include` fits (all, when there is none) and none of
/// `exclude`. A pure function of the event, so that a restart and a replay choose the same.
package struct EventFilter: Hashable, Sendable {
  private let include: [EventPattern]
  private let exclude: [EventPattern]
  private let sample: SampledShare?

  /// A filter.
  ///
  /// - Parameter sample: the share of what passes that is let through, more than 0 and at most 1;
  ///   nil for all.
  package init(include: [EventPattern], exclude: [EventPattern], sample: Double? = nil) {
    self.include = include
    self.exclude = exclude
    self.sample = sample.map { SampledShare($0) }
  }

  /// Whether the sink gets an event.
  func passes(_ event: borrowing NativeEvent) -> Bool {
    if !include.isEmpty, !EventFilter.oneFits(include, event) { return false }
    if EventFilter.oneFits(exclude, event) { return false }
    return sample?.contains(event) ?? true
  }

  private static func oneFits(_ patterns: [EventPattern], _ event: borrowing NativeEvent) -> Bool {
    for pattern in patterns where pattern.fits(event) { return true }
    return false
  }
}

/// A pattern of a filter. It fits an event that has one of the values of each list that is not
/// empty.
package struct EventPattern: Hashable, Sendable {
  /// The feeds.
  package var contentTypes: [ContentType] = []
  /// Of `workload`.
  package var workloads: [TextPattern] = []
  /// Of `operation`.
  package var operations: [TextPattern] = []
  /// Of `record.type_id`.
  package var recordTypes: [Int] = []
  /// Of one of the names of who acted: `actor.upn`, `actor.name`, `actor.raw_id`, `actor.id`.
  package var users: [TextPattern] = []
  /// Of `outcome.result`.
  package var outcomes: [TextPattern] = []
  /// Of what it fits, the share that it is to fit; nil for all.
  package var sample: SampledShare?

  /// A pattern that fits everything.
  package init() {}

  func fits(_ event: borrowing NativeEvent) -> Bool {
    if !contentTypes.isEmpty {
      guard let type = event.text(.contentType),
        contentTypes.contains(where: { type.isEqual(to: $0.rawValue) })
      else { return false }
    }
    if !recordTypes.isEmpty {
      guard case .integer(let type)? = event[.recordTypeID], recordTypes.contains(type)
      else { return false }
    }
    return EventPattern.one(of: workloads, fits: event.text(.workload))
      && EventPattern.one(of: operations, fits: event.text(.operation))
      && EventPattern.one(of: outcomes, fits: event.text(.outcomeResult))
      && fitsUser(event) && (sample?.contains(event) ?? true)
  }

  private static func one(of patterns: [TextPattern], fits text: ByteView?) -> Bool {
    if patterns.isEmpty { return true }
    guard let text else { return false }
    for pattern in patterns where pattern.fits(text) { return true }
    return false
  }

  private static let userFields: [EventField] = [.actorUpn, .actorName, .actorRawID, .actorID]

  private func fitsUser(_ event: borrowing NativeEvent) -> Bool {
    if users.isEmpty { return true }
    for field in EventPattern.userFields {
      guard let text = event.text(field) else { continue }
      for pattern in users where pattern.fits(text) { return true }
    }
    return false
  }
}

/// A share of all events, chosen by their identity: the same event is always in or always out.
package struct SampledShare: Hashable, Sendable {
  /// Hashes below this are in; nil for all.
  private let limit: UInt64?

  /// A share, from 0 to 1.
  package init(_ share: Double) {
    precondition((0...1).contains(share), "a share is 0 to 1")
    limit = share == 1 ? nil : UInt64(share * 0x1p64)
  }

  /// Whether an event is in; one without an identity always is.
  func contains(_ event: borrowing NativeEvent) -> Bool {
    guard let limit, let id = event.text(.id) else { return true }
    return SampledShare.hash(id) < limit
  }

  /// FNV-1a, and the last step of SplitMix64, as FNV alone leaves the upper bits of texts that
  /// differ in their end almost alike.
  private static func hash(_ text: ByteView) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.buffer { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
  }
}

extension ByteView {
  /// Whether it is this text, byte for byte.
  fileprivate func isEqual(to text: String) -> Bool {
    var text = text
    return text.withUTF8 { $0.elementsEqual(buffer) }
  }
}

/// The names of record types, for who is asked for one.
package enum RecordTypes {
  /// The number of a record type by its name, in any letter case; nil when no such name is known.
  package static func number(named name: String) -> Int? {
    if let number = numbers[name.lowercased()] { return number }
    // What has no name is written so in events.
    let prefix = "recordtype_"
    guard name.lowercased().hasPrefix(prefix) else { return nil }
    return Int(name.dropFirst(prefix.count))
  }

  /// The names of all record types that have one.
  package static let names = (RecordTypeNames.published + RecordTypeNames.inferred).map {
    $0.name.description
  }

  private static let numbers = Dictionary(
    (RecordTypeNames.published + RecordTypeNames.inferred).map {
      ($0.name.description.lowercased(), $0.number)
    }, uniquingKeysWith: { first, _ in first })
}

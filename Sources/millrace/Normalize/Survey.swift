import MillraceEvents

/// How often what was not understood occurred, with an example of each. Bounded, whatever the
/// records are like.
struct Survey: Sendable {
  /// A record type without a name.
  struct TypeKey: Hashable, Sendable {
    let recordType: Int
    let workload: String
  }

  /// An operation that no table knows.
  struct OperationKey: Hashable, Sendable {
    let workload: String
    let operation: String
  }

  /// A member that no field took up.
  struct FieldKey: Hashable, Sendable {
    let workload: String
    let name: String
    /// Whether fields are filled from it in other records.
    let isKnown: Bool
  }

  private(set) var records = 0
  /// How many of them have a type without a name or an operation that no table knows.
  private(set) var unknownRecords = 0
  private(set) var types = Tally<TypeKey>()
  private(set) var operations = Tally<OperationKey>()
  private(set) var fields = Tally<FieldKey>()

  mutating func add(_ record: SurveyedRecord) {
    records += 1
    if !record.hasKnownType, let type = record.recordType {
      types.count(TypeKey(recordType: type, workload: record.workload), in: record.id)
    }
    if !record.hasKnownOperation {
      operations.count(
        OperationKey(workload: record.workload, operation: record.operation), in: record.id)
    }
    for leftover in record.leftovers {
      fields.count(
        FieldKey(workload: record.workload, name: leftover.name, isKnown: leftover.isKnown),
        in: record.id)
    }
    if !record.hasKnownType || !record.hasKnownOperation { unknownRecords += 1 }
  }

  mutating func add(_ other: Survey) {
    records += other.records
    unknownRecords += other.unknownRecords
    types.add(other.types)
    operations.add(other.operations)
    fields.add(other.fields)
  }
}

/// Counts things, each with the id of a record that has it.
struct Tally<Key: Hashable & Comparable & Sendable>: Sendable {
  struct Entry: Sendable {
    var count: Int
    let example: String
  }

  private var entries: [Key: Entry] = [:]
  /// How many more were met than are told apart.
  private(set) var others = 0

  /// The most things that are told apart; hostile input can have any number.
  static var entriesMax: Int { 10_000 }

  mutating func count(_ key: Key, in example: @autoclosure () -> String) {
    add(key, 1, example())
  }

  mutating func add(_ other: Self) {
    // In an order that is the same each time, for when there are too many.
    for (key, entry) in other.ordered { add(key, entry.count, entry.example) }
    others += other.others
  }

  private mutating func add(_ key: Key, _ count: Int, _ example: @autoclosure () -> String) {
    if entries[key] != nil {
      entries[key]?.count += count
    } else if entries.count < Self.entriesMax {
      entries[key] = Entry(count: count, example: example())
    } else {
      others += count
    }
  }

  /// The most frequent first; those of one frequency by name.
  var ordered: [(key: Key, value: Entry)] {
    entries.sorted { left, right in
      left.value.count == right.value.count
        ? left.key < right.key : left.value.count > right.value.count
    }
  }
}

extension Survey.TypeKey: Comparable {
  static func < (left: Self, right: Self) -> Bool {
    (left.recordType, left.workload) < (right.recordType, right.workload)
  }
}

extension Survey.OperationKey: Comparable {
  static func < (left: Self, right: Self) -> Bool {
    (left.workload, left.operation) < (right.workload, right.operation)
  }
}

extension Survey.FieldKey: Comparable {
  static func < (left: Self, right: Self) -> Bool {
    (left.workload, left.name) < (right.workload, right.name)
  }
}

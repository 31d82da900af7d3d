/// What of some records is not understood, the most frequent first: the report of
/// `normalize --report`.
struct SurveyReport: Encodable {
  struct RecordType: Encodable {
    let recordType: Int
    let workload: String
    let count: Int
    let example: String
  }

  struct Operation: Encodable {
    let workload: String
    let operation: String
    let count: Int
    let example: String
  }

  struct Field: Encodable {
    let workload: String
    let field: String
    /// Whether fields of the event are filled from it in records of other kinds.
    let known: Bool
    let count: Int
    let example: String
  }

  let records: Int
  /// How many of them have a type with a name and an operation that a table knows.
  let known: Int
  /// How many records could not be parsed.
  let unreadable: Int
  let recordTypes: [RecordType]
  let operations: [Operation]
  let fields: [Field]
  /// Occurrences that were counted and not told apart, being too many kinds.
  let others: Int
  /// What would help most records, in sentences.
  let next: [String]

  init(_ survey: Survey, unreadable: Int) {
    records = survey.records
    known = survey.records - survey.unknownRecords
    self.unreadable = unreadable
    recordTypes = survey.types.ordered.map { key, value in
      RecordType(
        recordType: key.recordType, workload: key.workload, count: value.count,
        example: value.example)
    }
    operations = survey.operations.ordered.map { key, value in
      Operation(
        workload: key.workload, operation: key.operation, count: value.count,
        example: value.example)
    }
    fields = survey.fields.ordered.map { key, value in
      Field(
        workload: key.workload, field: key.name, known: key.isKnown, count: value.count,
        example: value.example)
    }
    others = survey.types.others + survey.operations.others + survey.fields.others
    next = SurveyReport.advice(recordTypes, operations, fields)
  }

  /// The most frequent of each kind, and where it belongs.
  private static func advice(
    _ types: [RecordType], _ operations: [Operation], _ fields: [Field]
  ) -> [String] {
    var advice: [(count: Int, text: String)] = []
    if let type = types.first {
      advice.append(
        (
          type.count,
          "record type \(type.recordType): give it its name in RecordTypeNames.swift, and a family "
            + "in RecordFamily.swift"
        ))
    }
    for operation in operations.prefix(3) {
      advice.append(
        (
          operation.count,
          "operation \(operation.operation) of \(named(operation.workload)): say what it means in "
            + "one of the tables Operations….swift (docs/events.md)"
        ))
    }
    for field in fields.prefix(3) {
      let place =
        field.known
        ? "some records have it lifted; extend the rule that reads it, in a Normalizer….swift"
        : "name it in RawMember.swift, and read it in a Normalizer….swift"
      advice.append(
        (field.count, "field \(field.field) of \(named(field.workload)): \(place)"))
    }
    // The first of equals stays first: what names things comes before what they hold.
    return advice.enumerated().sorted { left, right in
      left.element.count == right.element.count
        ? left.offset < right.offset : left.element.count > right.element.count
    }.map { "\($0.element.text), for \(ProgressLine.grouped($0.element.count)) records" }
  }

  /// A workload as a reader sees it.
  static func named(_ workload: String) -> String { workload.isEmpty ? "(none)" : workload }
}

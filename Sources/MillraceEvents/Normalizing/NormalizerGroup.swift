import MillraceCore

/// Several normalizers that take each step together. All steps are more of the program than a
/// processor's cache for instructions holds: with one record after the other, each would wait for
/// most of it to come again.
struct NormalizerGroup: ~Copyable {
  /// How many records are read together.
  private static let width = 8
  /// What is larger is read by itself, so that memory is that of the largest record.
  private static let sharedBytesMax = 64 << 10

  /// The normalizers, of which the first `count` have read a record.
  let normalizers: UnsafeMutablePointer<Normalizer>
  /// How many were needed so far.
  private var made = 0
  /// What is to be read, in memory that needs no counting of references for every record.
  private let records: UnsafeMutablePointer<(record: ByteView, time: Timestamp?)>
  /// How many records there are.
  private(set) var count = 0
  private var walk = MemberWalk()
  private let places: (any PlaceFinder)?
  private let labels: EventLabels?

  init(places: (any PlaceFinder)?, labels: EventLabels?) {
    self.places = places
    self.labels = labels
    normalizers = .allocate(capacity: NormalizerGroup.width)
    records = .allocate(capacity: NormalizerGroup.width)
  }

  deinit {
    normalizers.deinitialize(count: made)
    normalizers.deallocate()
    records.deallocate()
  }

  func record(_ index: Int) -> ByteView {
    precondition(index < count, "a record that was added")
    return records[index].record
  }

  /// What a scan read in the record's `CreationTime`; nil when it is not known.
  func time(_ index: Int) -> Timestamp? {
    precondition(index < count, "a record that was added")
    return records[index].time
  }

  /// Leaves all records.
  mutating func removeAll() {
    count = 0
  }

  /// Adds a record; false when it has to wait for the next time. One record is always taken.
  mutating func add(_ record: ByteView, time: Timestamp?) -> Bool {
    if count > 0 {
      guard count < NormalizerGroup.width,
        max(records[count - 1].record.count, record.count) <= NormalizerGroup.sharedBytesMax
      else { return false }
    }
    (records + count).initialize(to: (record, time))
    count += 1
    return true
  }

  /// Reads all records that were added.
  mutating func read(_ context: EventContext) {
    while made < count {
      (normalizers + made).initialize(to: Normalizer(places: places, labels: labels))
      made += 1
    }
    for index in 0..<count { normalizers[index].begin(records[index].record, &walk) }
    for index in 0..<count { normalizers[index].readCommon(context, records[index].time) }
    for index in 0..<count { normalizers[index].readWho() }
    for index in 0..<count { normalizers[index].readWhere() }
    for index in 0..<count { normalizers[index].readOutcomeAndTarget() }
    for index in 0..<count { normalizers[index].readDetails() }
    for index in 0..<count { normalizers[index].finish() }
  }
}

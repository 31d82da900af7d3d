package import MillraceCore

/// Why a day cannot be sealed.
package enum SealObstacle: Hashable, Sendable {
  /// It is sealed.
  case sealed
  /// A later day is, and seals are chained in the order of the days.
  case laterSealed(Day)
  /// A blob of the day may still be listed: of this feed, which is listed up to this moment, or
  /// never was.
  case open(Feed, listedUntil: Timestamp?)
  /// So many blobs of the day are owed.
  case owed(Int)
  /// So many bodies of the day are not decided.
  case undecided(Int)
}

/// Sealing: a day gets its digest once nothing of it can change any more by itself.
extension Store {
  /// All seals, by day.
  package func seals() async throws(StoreError) -> [Seal] {
    try await read { (connection) throws(StoreError) in try connection.seals() }
  }

  /// The ledger of a day as it stands, in one digest.
  package func dayLedger(_ day: Day) async throws(StoreError) -> DayLedger {
    try await read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in try connection.dayLedger(day) }
    }
  }

  /// The first day of the ledger; nil when it is empty.
  package func firstDay() async throws(StoreError) -> Day? {
    try await read { (connection) throws(StoreError) in
      let blob = try connection.integer("SELECT min(created_at) FROM content")
      return blob.map { Day(containing: Timestamp(milliseconds: $0)) }
    }
  }

  /// Why a day cannot be sealed; nil when it can.
  ///
  /// - Parameter feeds: the configured feeds, which must be listed until nothing of the day can
  ///   appear any more.
  package func sealObstacle(
    _ day: Day, feeds: Set<Feed>
  ) async throws(StoreError) -> SealObstacle? {
    try await read { (connection) throws(StoreError) in
      try connection.snapshot { () throws(StoreError) in
        try connection.sealObstacle(day, feeds: feeds)
      }
    }
  }

  /// Seals a day whose ledger was read before.
  ///
  /// - Returns: the seal, or why it cannot be.
  package func seal(
    _ day: Day, ledger: DayLedger, feeds: Set<Feed>, at moment: Timestamp
  ) async throws(StoreError) -> Result<Seal, SealRefusal> {
    try await write { (connection) throws(StoreError) in
      if let obstacle = try connection.sealObstacle(day, feeds: feeds) {
        return .failure(SealRefusal(obstacle: obstacle))
      }
      let previous = try connection.seals().last?.seal ?? Seal.beginning
      let seal = Seal(
        day: day, sealedAt: moment, ledger: ledger,
        seal: Seal.link(after: previous, day, ledger: ledger.sha256))
      try connection.run(
        """
        INSERT INTO seal
          (day, sealed_at, blob_count, record_count, event_count, ledger_sha256, seal)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        """
      ) { (statement) throws(StoreError) in
        try statement.bind(1, day.description).bind(2, moment).bind(3, ledger.blobs)
          .bind(4, ledger.records).bind(5, ledger.events).bind(6, ledger.sha256)
          .bind(7, seal.seal)
      }
      return .success(seal)
    }
  }
}

/// A day that was not sealed.
package struct SealRefusal: Error, Hashable, Sendable {
  /// Why.
  package let obstacle: SealObstacle
}

extension Connection {
  func seals() throws(StoreError) -> [Seal] {
    try rows(
      """
      SELECT day, sealed_at, blob_count, record_count, event_count, ledger_sha256, seal FROM seal
      ORDER BY day
      """,
      { (_) throws(StoreError) in },
      { (row) throws(StoreError) in
        guard let day = Day(row.text(0)) else {
          throw StoreError(
            kind: .damaged, operation: "read a seal", message: "\(row.text(0)) is no day",
            hint: "restore a backup")
        }
        return Seal(
          day: day, sealedAt: row.time(1),
          ledger: DayLedger(
            blobs: Int(row.integer(2)), records: Int(row.integer(3)), events: Int(row.integer(4)),
            sha256: row.blobOrNil(5) ?? []),
          seal: row.blobOrNil(6) ?? [])
      })
  }

  fileprivate func sealObstacle(
    _ day: Day, feeds: Set<Feed>
  ) throws(StoreError) -> SealObstacle? {
    if let last = try seals().last {
      if last.day == day { return .sealed }
      if last.day > day {
        let isSealed = try text("SELECT day FROM seal WHERE day = '\(day)'") != nil
        return isSealed ? .sealed : .laterSealed(last.day)
      }
    }
    let closesAt = day.end + Limits.blobLifetime
    for feed in feeds.sorted() {
      let listed = try first(
        "SELECT listed_until_at FROM feed WHERE tenant = ?1 AND content_type = ?2",
        { (statement) throws(StoreError) in
          try statement.bind(1, feed.tenant.description).bind(2, feed.contentType.rawValue)
        },
        { (row) throws(StoreError) in row.timeOrNil(0) })
      guard let until = listed ?? nil, until >= closesAt else {
        return .open(feed, listedUntil: listed ?? nil)
      }
    }
    let owed = try count("state = 'listed'", of: day)
    if owed > 0 { return .owed(owed) }
    let undecided = try count(
      "EXISTS (SELECT 1 FROM log WHERE content_id = content.id AND indexed_at IS NULL)", of: day)
    return undecided > 0 ? .undecided(undecided) : nil
  }

  private func count(_ condition: String, of day: Day) throws(StoreError) -> Int {
    try first(
      "SELECT count(*) FROM content WHERE created_at >= ?1 AND created_at < ?2 AND \(condition)",
      { (statement) throws(StoreError) in try statement.bind(1, day.start).bind(2, day.end) },
      { (row) throws(StoreError) in Int(row.integer(0)) }) ?? 0
  }
}

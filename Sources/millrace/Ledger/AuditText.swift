import MillracePipeline

/// An audit as a person reads it in a terminal.
enum AuditText {
  static func lines(_ report: AuditReport) -> [String] {
    var lines = [title(report), ""]
    lines += StatusText.table(
      [
        "FEED", "LISTED UNTIL", "BLOBS", "OWED", "FETCHED", "EXPIRED", "DEAD", "RECORDS", "EVENTS",
        "REPEATS", "CHANGED", "DEAD LETTERS", "DROPPED",
      ],
      report.feeds.map { feed in
        [
          "\(feed.tenant)/\(feed.contentType)" + (feed.configured ? "" : " (not configured)"),
          feed.listedUntil ?? "never",
        ] + columns(feed.counts)
      } + [["all", report.listedUntil ?? ""] + columns(report.total)]
        + (report.imported.map { [["imported", ""] + columns($0)] } ?? []))
    lines.append("")
    lines += sinks(report)
    if let first = report.seals.first, let last = report.seals.last, last.unchanged == nil {
      lines.append(
        "\(report.seals.count) days from \(first.day) to \(last.day) are sealed, the last with "
          + "\(last.seal.prefix(16)); not compared: \"millrace verify\" does")
    }
    for seal in report.seals where seal.unchanged != nil {
      let stand =
        seal.unchanged == true
        ? "sealed \(seal.seal.prefix(16))"
        : "CHANGED after it was sealed (\(seal.seal.prefix(16)))"
      lines.append("\(seal.day) \(stand)")
    }
    if !report.seals.isEmpty { lines.append("") }
    for hole in report.holes {
      lines.append("hole: \(place(hole))\(hole.message)")
      lines.append("  \(hole.remedy)")
    }
    if report.moreHoles > 0 { lines.append("\(report.moreHoles) more holes") }
    if !report.holes.isEmpty { lines.append("") }
    lines.append(verdict(report))
    return lines
  }

  /// A blob of the listing.
  static func line(_ blob: BlobReport) -> String {
    var words = [
      "\(blob.created) \(blob.tenant)/\(blob.contentType) \(blob.contentId): \(blob.state)"
    ]
    if blob.origin == "import" { words.append("imported") }
    if let reason = blob.reason { words.append(reason) }
    for entry in blob.entries {
      var what = "entry \(entry.sequence)"
      if let records = entry.records {
        what += " with \(records) records, \(entry.events ?? 0) events"
        if let repeats = entry.repeats, repeats > 0 { what += ", \(repeats) repeats" }
        for changed in entry.changedRepeats ?? [] {
          what += ", record \(changed.record) repeats \(changed.first) with other content"
        }
      } else {
        what += ", not parsed yet"
      }
      if let dropped = entry.dropped { what += ", body gone (\(dropped))" }
      words.append(what)
    }
    for (sink, stand) in blob.sinks.sorted(by: { $0.key < $1.key }) where stand != "not_meant" {
      words.append("\(sink) \(stand == "before_start" ? "began later" : stand)")
    }
    return words.joined(separator: "; ")
  }

  private static func title(_ report: AuditReport) -> String {
    let span =
      switch (report.from, report.to) {
      case (nil, nil): "of everything so far"
      case (let from?, nil): "from \(from) on"
      case (nil, let to?): "up to \(to)"
      case (let from?, let to?): "from \(from) to \(to)"
      }
    return "audit \(span)" + (report.tenant.map { ", \($0)" } ?? "")
  }

  private static func columns(_ counts: AuditReport.Counts) -> [String] {
    [
      counts.blobs, counts.owed, counts.fetched, counts.expired, counts.dead, counts.records,
      counts.events, counts.repeats, counts.changedRepeats, counts.deadLetters, counts.dropped,
    ].map { "\($0)" }
  }

  private static func sinks(_ report: AuditReport) -> [String] {
    guard !report.total.sinks.isEmpty else { return [] }
    let rows = report.total.sinks.map { sink in
      let imported = report.imported?.sinks.first { $0.name == sink.name }
      return [
        sink.name + (sink.configured ? "" : " (not configured)"),
        "\(sink.deliveredBlobs + (imported?.deliveredBlobs ?? 0))",
        "\(sink.deliveredEvents + (imported?.deliveredEvents ?? 0))",
        "\(sink.behindBlobs + (imported?.behindBlobs ?? 0))",
        "\(sink.behindEvents + (imported?.behindEvents ?? 0))",
        "\(sink.beforeStartBlobs + (imported?.beforeStartBlobs ?? 0))",
      ]
    }
    return StatusText.table(
      ["SINK", "BLOBS", "EVENTS", "BLOBS TO GO", "EVENTS TO GO", "BLOBS BEFORE IT BEGAN"], rows)
      + [""]
  }

  private static func place(_ hole: AuditReport.Hole) -> String {
    guard let tenant = hole.tenant, let type = hole.contentType else { return "" }
    return "\(tenant)/\(type): "
  }

  private static func verdict(_ report: AuditReport) -> String {
    switch report.verdict {
    case .complete: "complete"
    case .open:
      "complete so far (listed until \(report.listedUntil ?? "")), open until "
        + (report.openUntil ?? "")
    case .holes:
      "incomplete: \(report.holes.count + report.moreHoles) "
        + (report.holes.count + report.moreHoles == 1 ? "hole" : "holes")
    }
  }
}

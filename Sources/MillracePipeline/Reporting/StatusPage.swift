/// The status page: what the collector does, as plain HTML that reloads itself.
enum StatusPage {
  static func html(_ report: StatusReport) -> String {
    """
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <meta http-equiv="refresh" content="2">
    <title>Millrace</title>
    <style>
    body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem; color: #1c2733; }
    h1 { font-size: 1.4rem; } h2 { font-size: 1.05rem; margin-top: 1.8rem; }
    table { border-collapse: collapse; width: 100%; }
    th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d9e0e6; }
    td { white-space: nowrap; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
    .problem { color: #a4262c; } .quiet { color: #5c6b78; }
    </style>
    <h1>Millrace <span class="quiet">\(escaped(report.version)) · \(escaped(report.time))</span></h1>
    \(running(report.run))
    <h2>Feeds</h2>
    <table><tr><th>Tenant<th>Content type<th>Listed until<th>Newest blob<th class="n">Owed<th class="n">Fetched<th class="n">Expired<th class="n">Dead<th class="n">Repeats</tr>
    \(report.feeds.map(row).joined(separator: "\n"))
    </table>
    <h2>Store</h2>
    <table><tr><th class="n">Blobs<th class="n">Bytes fetched<th class="n">Records<th class="n">Events<th class="n">Dead letters<th class="n">Held, compressed<th class="n">Database, used</tr>
    <tr><td class="n">\(report.bodies)<td class="n">\(size(report.bodyBytes))<td class="n">\(report.records)<td class="n">\(report.events)<td class="n">\(report.deadLetters)<td class="n">\(size(report.heldBytes))<td class="n">\(size(report.usedBytes))\(full(report))</tr>
    </table>
    <h2>Sinks</h2>
    <table><tr><th>Name<th class="n">Events delivered<th>Last delivery<th class="n">Blobs to go</tr>
    \(report.sinks.map(row).joined(separator: "\n"))
    </table>
    </html>

    """
  }

  private static func full(_ report: StatusReport) -> String {
    let most = report.storeBytesMax.map { " of \(size($0))" } ?? ""
    return most + (report.storeIsFull == true ? " <span class=\"problem\">full</span>" : "")
  }

  private static func running(_ run: StatusReport.RunReport?) -> String {
    guard let run else { return "" }
    let problems = run.problems.map { problem in
      "<li class=\"problem\">\(escaped(problem.subject)): \(escaped(problem.message)) "
        + "<span class=\"quiet\">since \(escaped(problem.since)), times: \(problem.count)</span>"
    }
    return """
      <p>\(run.eventsPerSecond) events/s since \(escaped(run.startedAt)) ·
      \(run.blobsFetched) blobs, \(size(run.bytesFetched)) fetched ·
      \(run.requestsThrottled) requests throttled · \(size(run.residentBytesPeak)) memory at most</p>
      <ul>\(problems.joined(separator: "\n"))</ul>
      """
  }

  private static func row(_ feed: StatusReport.FeedReport) -> String {
    "<tr><td>\(escaped(feed.tenant))<td>\(escaped(feed.contentType))"
      + "<td>\(time(feed.listedUntil))<td>\(time(feed.newestBlob))"
      + "<td class=\"n\">\(feed.owed)<td class=\"n\">\(feed.fetched)"
      + "<td class=\"n\">\(feed.expired)<td class=\"n\">\(feed.dead)"
      + "<td class=\"n\">\(feed.repeats)</tr>"
  }

  private static func row(_ sink: StatusReport.SinkReport) -> String {
    "<tr><td>\(escaped(sink.name))<td class=\"n\">\(sink.deliveredEvents)"
      + "<td>\(time(sink.deliveredAt))<td class=\"n\">\(sink.pendingBodies)</tr>"
  }

  /// A time without its fraction of a second, or a dash.
  private static func time(_ text: String?) -> String {
    guard let text else { return "–" }
    return escaped(String(text.prefix { $0 != "." }) + "Z")
  }

  /// Text made safe inside HTML; what a tenant is named is not ours to trust.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.append(character)
      }
    }
    return result
  }

  private static func size(_ bytes: Int) -> String {
    ByteSize.text(bytes)
  }
}

/// Sizes for people.
package enum ByteSize {
  /// `512 B`, `1.5 MiB`: binary units, one decimal.
  package static func text(_ bytes: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(bytes)
    var unit = 0
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(bytes) B" }
    return "\((value * 10).rounded() / 10) \(units[unit])"
  }
}

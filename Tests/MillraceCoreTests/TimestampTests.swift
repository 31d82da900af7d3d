import MillraceCore
import Testing

struct TimestampTests {
  @Test(
    arguments: [
      ("2026-03-04", "2026-03-04T00:00:00.000Z"),
      ("2026-03-04T08:15", "2026-03-04T08:15:00.000Z"),
      ("2026-03-04T08:15Z", "2026-03-04T08:15:00.000Z"),
      ("2026-03-04T08:15:30", "2026-03-04T08:15:30.000Z"),
      ("2026-03-04 08:15:30", "2026-03-04T08:15:30.000Z"),
      ("2026-03-04t08:15:30z", "2026-03-04T08:15:30.000Z"),
      ("2026-03-04T08:15:30Z", "2026-03-04T08:15:30.000Z"),
      ("2026-03-04T08:15:30.1", "2026-03-04T08:15:30.100Z"),
      ("2026-03-04T08:15:30.12Z", "2026-03-04T08:15:30.120Z"),
      ("2026-03-04T08:15:30.123Z", "2026-03-04T08:15:30.123Z"),
      ("2026-03-04T08:15:30.1239999Z", "2026-03-04T08:15:30.123Z"),
      ("2026-03-04T08:15:30.123456789", "2026-03-04T08:15:30.123Z"),
      ("2026-03-04T08:15:30.000+01:00", "2026-03-04T07:15:30.000Z"),
      ("2026-03-04T08:15:30-05:30", "2026-03-04T13:45:30.000Z"),
      ("2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"),
      ("2025-12-31T23:30:00-01:00", "2026-01-01T00:30:00.000Z"),
      ("2026-03-04T08:15:30-00:00", "2026-03-04T08:15:30.000Z"),
      ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
      ("2024-02-29", "2024-02-29T00:00:00.000Z"),
      ("2000-02-29T23:59:59.999Z", "2000-02-29T23:59:59.999Z"),
      ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
      ("0000-01-01", "0000-01-01T00:00:00.000Z"),
      ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
    ])
  func `every spelling the service is known to use is read`(text: String, canonical: String) {
    #expect(Timestamp(text)?.description == canonical)
  }

  @Test(
    arguments: [
      "", "2026", "2026-03", "2026-3-4", "2026-03-04T", "2026-03-04T08", "2026-03-04T08:",
      "2026-03-04T08:15:", "2026-03-04T08:15:30.", "2026-03-04T08:15:30.Z",
      "2026-03-04T08:15:30.1234567890", "2026-03-04T08:15:30ZZ", "2026-03-04T08:15:30 ",
      " 2026-03-04", "2026-03-04Z", "2026-03-04T24:00:00Z", "2026-03-04T08:60:00Z",
      "2026-03-04T08:15:61Z", "2026-03-04T08:15:30+1:00", "2026-03-04T08:15:30+0100",
      "2026-03-04T08:15:30+24:00", "2026-03-04T08:15:30+01:60", "2026-03-04T08:15:30+",
      "2026-00-04", "2026-13-04", "2026-03-00", "2026-03-32", "2026-04-31", "2025-02-29",
      "1900-02-29", "2100-02-29", "+2026-03-04", "-2026-03-04", "20260304", "2026/03/04",
      "2026-03-04_08:15:30", "٢٠٢٦-03-04", "2026-03-04T08:15:30\u{0}", "04.03.2026",
    ])
  func `what is no time is refused`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test(arguments: [
    "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01", "9999-12-31T23:59:60Z",
  ])
  func `an instant that four digits of a year cannot name is refused`(text: String) {
    #expect(Timestamp(text) == nil)
  }

  @Test func `milliseconds count from 1970 and go below zero before it`() {
    #expect(Timestamp("1970-01-01")?.milliseconds == 0)
    #expect(Timestamp("1970-01-01T00:00:00.001Z")?.milliseconds == 1)
    #expect(Timestamp("1969-12-31T23:59:59.999Z")?.milliseconds == -1)
    #expect(Timestamp("2026-03-04T08:15:30Z")?.milliseconds == 1_772_612_130_000)
    #expect(Timestamp("1900-01-01")?.milliseconds == -2_208_988_800_000)
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func `what is written is read back`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let first = try #require(Timestamp("0000-01-01")).milliseconds
    let last = try #require(Timestamp("9999-12-31T23:59:59.999Z")).milliseconds
    for _ in 0..<500 {
      let instant = Timestamp(milliseconds: Int64.random(in: first...last, using: &generator))
      let text = instant.description
      #expect(text.utf8.count == 24)
      #expect(Timestamp(text) == instant)
      #expect(Timestamp(instant.listingParameter) == instant.wholeSeconds)
      #expect(Timestamp(instant.day).map { $0 <= instant } == true)
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `hostile bytes are refused or read, never a crash`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let alphabet = Array("0123456789-:.+TZtz \u{FF}x".utf8)
    let sample = Array("2026-03-04T08:15:30.123+01:00".utf8)
    for _ in 0..<2000 {
      var bytes = Array(sample.prefix(Int.random(in: 0...sample.count, using: &generator)))
      for _ in 0..<Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[index] = alphabet.randomElement(using: &generator) ?? 0
      }
      guard let read = bytes.withUnsafeBytes({ Timestamp(utf8: $0) }) else { continue }
      #expect(Timestamp(read.description) == read, "\(bytes)")
    }
  }

  @Test func `texts of equal width sort as their instants do`() {
    let instants = [-62_000_000_000_000, -1, 0, 1, 999, 1000, 1_772_612_130_000].map {
      Timestamp(milliseconds: $0)
    }
    #expect(instants == instants.sorted())
    #expect(instants.map(\.description) == instants.map(\.description).sorted())
  }

  @Test func `whole seconds are cut downwards, below zero too`() {
    #expect(Timestamp(milliseconds: 1999).wholeSeconds.milliseconds == 1000)
    #expect(Timestamp(milliseconds: 1000).wholeSeconds.milliseconds == 1000)
    #expect(Timestamp(milliseconds: -1).wholeSeconds.milliseconds == -1000)
    #expect(Timestamp(milliseconds: -1000).wholeSeconds.milliseconds == -1000)
  }

  @Test func `instants move by durations and differ by them`() {
    let instant = Timestamp(milliseconds: 5000)
    #expect((instant + .seconds(2)).milliseconds == 7000)
    #expect((instant - .milliseconds(5001)).milliseconds == -1)
    #expect((instant + .microseconds(1999)).milliseconds == 5001)
    #expect(instant - Timestamp(milliseconds: 7500) == .milliseconds(-2500))
    #expect(Duration.microseconds(-1999).milliseconds == -1)
  }

  @Test func `the forms for the service and for paths are cut from the canonical one`() {
    let instant = Timestamp(milliseconds: 1_772_612_130_999)
    #expect(instant.listingParameter == "2026-03-04T08:15:30")
    #expect(instant.day == "2026-03-04")
  }
}

struct CivilTimeTests {
  @Test(
    arguments: [
      (2023, 28), (2024, 29), (1900, 28), (2000, 29), (2100, 28), (2400, 29), (0, 29),
    ])
  func `february knows its leap days`(year: Int, days: Int) {
    #expect(CivilTime.daysInMonth(year: year, month: 2) == days)
    let length =
      CivilTime.days(year: year, month: 3, day: 1) - CivilTime.days(year: year, month: 2, day: 1)
    #expect(length == Int64(days))
  }

  @Test func `months have the lengths everyone knows`() {
    let lengths = (1...12).map { CivilTime.daysInMonth(year: 2025, month: $0) }
    #expect(lengths == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
  }

  @Test func `every day of five centuries follows the one before`() {
    var day = CivilTime.days(year: 1799, month: 12, day: 31)
    for year in 1800...2299 {
      for month in 1...12 {
        for date in 1...CivilTime.daysInMonth(year: year, month: month) {
          let next = CivilTime.days(year: year, month: month, day: date)
          if next != day + 1 { Issue.record("\(year)-\(month)-\(date) is day \(next)") }
          day = next
          let civil = CivilTime(Timestamp(milliseconds: day * 86_400_000 + 86_399_999))
          if (civil.year, civil.month, civil.day) != (year, month, date) {
            Issue.record("\(year)-\(month)-\(date) came back as \(civil)")
          }
        }
      }
    }
  }

  @Test func `an instant falls into its fields`() {
    var civil = CivilTime(Timestamp(milliseconds: 1_772_612_130_042))
    #expect(
      [civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second]
        == [2026, 3, 4, 8, 15, 30])
    #expect(civil.millisecond == 42)
    civil = CivilTime(Timestamp(milliseconds: -1))
    #expect(
      [civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second]
        == [1969, 12, 31, 23, 59, 59])
    #expect(civil.millisecond == 999)
  }

  @Test(arguments: [Int64.min, Int64.max])
  func `the ends of time are split without a trap`(milliseconds: Int64) {
    let civil = CivilTime(Timestamp(milliseconds: milliseconds))
    #expect((1...12).contains(civil.month) && (1...31).contains(civil.day))
  }
}

import Foundation
import MillraceCore
import MillraceEvents
import Testing

@Suite struct `CEF` {
  /// A line taken apart by the rules of the format; nil when it breaks them.
  struct Parsed {
    var header: [String] = []
    var values: [String: String] = [:]

    init?(_ line: String) {
      var rest = Substring(line)
      for _ in 0..<7 {
        var field = ""
        while let character = rest.popFirst(), character != "|" {
          guard character == "\\" else {
            field.append(character)
            continue
          }
          guard let escaped = rest.popFirst(), escaped == "\\" || escaped == "|" else { return nil }
          field.append(escaped)
        }
        header.append(field)
      }
      guard header[0] == "CEF:0", header.count == 7 else { return nil }
      // A key is what stands before an equals sign, back to the blank before it.
      var key: Substring?
      var value = ""
      while let character = rest.popFirst() {
        if character == "\\" {
          guard let escaped = rest.popFirst(), "\\=n".contains(escaped) else { return nil }
          value.append(escaped == "n" ? "\n" : escaped)
        } else if character == "=" {
          let start = value.lastIndex(of: " ").map { value.index(after: $0) } ?? value.startIndex
          let next = value[start...]
          guard !next.isEmpty, next.allSatisfy({ $0.isLetter || $0.isNumber }) else { return nil }
          if let key { values[String(key)] = String(value[..<start].dropLast()) }
          key = next
          value = ""
        } else {
          value.append(character)
        }
      }
      guard let key else { return nil }
      values[String(key)] = value
    }

    /// Labels of keys that are missing, and keys that miss their label.
    var labelsWithoutKey: [String] {
      let labels = values.keys.filter { $0.hasSuffix("Label") }
      let labelled = values.keys.filter {
        $0.wholeMatch(of: #/(cs|cn|c6a|deviceCustomDate)\d/#) != nil
      }
      return Array(Set(labels).symmetricDifference(labelled.map { $0 + "Label" }))
    }
  }

  private static let keys: Set<String> = [
    "rt", "start", "end", "externalId", "act", "cat", "outcome", "reason", "suser", "suid",
    "spriv", "sntdom", "src", "spt", "requestClientApplication", "request", "fname", "filePath",
    "oldFilePath", "fsize", "fileId", "fileHash", "duser", "duid", "destinationServiceName",
    "deviceExternalId", "shost",
    "msg", "cnt", "c6a2", "c6a2Label", "cs1", "cs1Label", "cs2", "cs2Label", "cs3", "cs3Label",
    "cs4", "cs4Label", "cs5", "cs5Label", "cs6", "cs6Label", "cn1", "cn1Label", "cn2", "cn2Label",
    "deviceCustomDate1", "deviceCustomDate1Label", "slat", "slong",
  ]

  @Test func `events are well formed, whatever is in them`() throws {
    for line in FormatRecords.lines(.cef) {
      let parsed = try #require(Parsed(line), "\(line)")
      #expect(parsed.labelsWithoutKey.isEmpty, "\(line)")
      #expect(Set(parsed.values.keys).isSubset(of: Self.keys), "\(line)")
      #expect(parsed.values.values.allSatisfy { !$0.isEmpty }, "\(line)")
      #expect(parsed.header[1...3] == ["Microsoft", "Microsoft 365", "1.0"])
      #expect(Int(parsed.header[6]).map { (0...10).contains($0) } == true)
      #expect(line.utf8.count <= Limits.cefLineBytesMax)
    }
  }

  private func parsed(_ record: String) throws -> Parsed {
    let line = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    return try #require(Parsed(line))
  }

  @Test func `delimiters survive`() throws {
    let agent = #"a=b|c\\d\r\ne\nf\tg"#
    let parsed = try parsed(
      record(#""UserAgent":"\#(agent)","UserId":"NT AUTHORITY\\SYSTEM (w3wp)""#, type: 1))
    #expect(parsed.values["requestClientApplication"] == "a=b|c\\d\ne\nf g")
    #expect(parsed.values["suser"] == "NT AUTHORITY\\SYSTEM (w3wp)")
    let header = try self.parsed(record(type: 1, operation: #"a|b\\c\nd."#)).header
    #expect(header[4] == #"1:a|b\c d"#)
  }

  @Test func `an IPv6 address has a key of its own`() throws {
    let six = try parsed(record(#""ClientIP":"2001:db8:10::5""#))
    #expect(six.values["c6a2"] == "2001:db8:10::5")
    #expect(six.values["c6a2Label"] == "Source IPv6 Address")
    #expect(six.values["src"] == nil)
    let four = try parsed(record(#""ClientIP":"203.0.113.24:52378""#))
    #expect(four.values["src"] == "203.0.113.24")
    #expect(four.values["spt"] == "52378")
  }

  @Test func `a line stays below the limit, and is cut between characters`() throws {
    let long = String(repeating: "é=", count: 4000)
    let names = ["UserAgent", "UserId", "SessionId", "CorrelationId", "AppId", "ObjectId", "Id"]
    let members = names.map { "\"\($0)\":\"\(long)\"" }.joined(separator: ",")
    let line = try #require(
      lines(of: blob("[\(record(members, operation: long))]"), format: .cef).first)
    #expect(line.utf8.count <= Limits.cefLineBytesMax)
    #expect(line.utf8.count > 4000)
    #expect(!line.unicodeScalars.contains("\u{FFFD}"))
    #expect(Parsed(line) != nil)
  }

  @Test func `what stands before a line takes none of its room`() throws {
    // Escaped in the header alone, each twice as long there.
    let long = String(repeating: "]", count: 1023)
    let names = ["Workload", "UserId", "UserKey", "UserAgent", "SessionId", "SourceFileName"]
    let members = names.map { "\"\($0)\":\"\(long)\"" }.joined(separator: ",")
    let record = record(
      members + #","ClientIP":"2001:db8::1""#, type: 6, operation: "FileDownloaded")
    let line = try #require(lines(of: blob("[\(record)]"), format: .cef).first)
    let message = try syslogLine(of: record, .cef, host: "collector.example")
    #expect(message.utf8.count - line.utf8.count > 8 << 10)
    #expect(message.hasSuffix("] " + line))
    #expect(Parsed(line)?.values["cat"] == "file/read")
    #expect(Parsed(line)?.values["c6a2"] == "2001:db8::1")
  }

  @Test func `a key without room takes its label along`() throws {
    let full = String(repeating: "=", count: 1023)
    let names = ["UserId", "SessionId", "CorrelationId"]
    var written: Set<Bool> = []
    for length in stride(from: 0, through: 1023, by: 33) {
      var members = names.map { "\"\($0)\":\"\(full)\"" }
      members += ["Id", "LogonError"].map { "\"\($0)\":\"\(full.prefix(length))\"" }
      members.append(#""ClientIP":"2001:db8::1","ApplicationId":"a1""#)
      let record =
        "{\"Operation\":\"\(full)\",\"RecordType\":15,"
        + members.joined(separator: ",") + "}"
      let parsed = try parsed(record)
      #expect(parsed.labelsWithoutKey.isEmpty)
      written.insert(parsed.values["c6a2"] != nil)
    }
    #expect(written == [true, false])
  }

  @Test func `severities are in the bands of the format`() throws {
    #expect(try parsed(record()).header[6] == "1")
    #expect(try parsed(record(#""ErrorNumber":"50126""#)).header[6] == "3")
    let high = record(#""Severity":"High""#, type: 40, operation: "AlertTriggered")
    #expect(try parsed(high).header[6] == "8")
  }
}

/// The line of a record behind a header of syslog.
private func syslogLine(of record: String, _ format: EventFormat, host: String) throws -> String {
  var encoder = EventEncoder(format: format, header: SyslogHeader(host: host))
  let blob = blob("[\(record)]")
  var line: [UInt8] = []
  let scanned = try #require(BlobScanner.scan(blob).records.first)
  _ = encoder.encode(scanned, of: blob, context: emptyContext, into: &line)
  return String(decoding: line.dropLast(), as: UTF8.self)
}

@Suite struct `Headers of syslog` {
  private func line(_ record: String, host: String = "collector.example") throws -> String {
    try syslogLine(of: record, .native, host: host)
  }

  @Test func `are spelled the old way when that is asked for`() throws {
    let blob = blob("[\(record())]")
    let scanned = try #require(BlobScanner.scan(blob).records.first)
    func line(_ header: SyslogHeader) -> String {
      var encoder = EventEncoder(format: .cef, header: header)
      var line: [UInt8] = []
      _ = encoder.encode(scanned, of: blob, context: emptyContext, into: &line)
      return String(decoding: line.dropLast(), as: UTF8.self)
    }
    let remote = SyslogHeader(
      host: "collector", form: .rfc3164, application: "audit", facility: 16)
    #expect(line(remote).hasPrefix("<134>Mar  4 08:15:30 collector audit: CEF:0|"))
    let local = SyslogHeader(host: "collector", form: .local, facility: 1)
    #expect(line(local).hasPrefix("<14>Mar  4 08:15:30 millrace: CEF:0|"))
  }

  /// The header by RFC 5424, section 6, then one element, then the text.
  private static var form:
    Regex<(Substring, Substring, Substring, Substring, Substring, Substring, Substring)>
  {
    #/
    <(\d{1,3})>1\ (\S+)\ (\S{1,255})\ millrace\ -\ ([!-~]{1,32})
    \ \[m365@32473((?:\ [!-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")*)\]
    \ (\{.*\})
    /#
  }

  @Test func `every event has one`() throws {
    for record in FormatRecords.all {
      let line = try line(record)
      let match = try #require(line.wholeMatch(of: Self.form), "\(line)")
      #expect((104...111).contains(Int(match.1) ?? 0))
      #expect(try JSONSerialization.jsonObject(with: Data(match.6.utf8)) is [String: Any])
    }
  }

  @Test func `it says what the event says`() throws {
    let text = record(
      #""UserId":"li.wei@example.com","ErrorNumber":"50126","ClientIP":"203.0.113.24:52378""#,
      operation: "UserLoginFailed")
    let match = try #require(try line(text).wholeMatch(of: Self.form))
    #expect(match.1 == "109")
    #expect(match.2 == "2026-03-04T08:15:30.000Z")
    #expect(match.3 == "collector.example")
    #expect(match.4 == "UserLoginFailed")
    for parameter in [
      #"operation="UserLoginFailed""#, #"result="failure""#, #"code="50126""#,
      #"actor="li.wei@example.com""#, #"srcIp="203.0.113.24""#, #"srcPort="52378""#,
      #"recordType="15""#,
    ] {
      #expect(match.5.contains(" " + parameter))
    }
  }

  @Test func `names without room are cut, hosts without form left out`() throws {
    let match = try #require(
      try line(record(type: 6, operation: "FolderDeletedSecondStageRecycleBin"), host: "a b")
        .wholeMatch(of: Self.form))
    #expect(match.4 == "FolderDeletedSecondStageRecycleB")
    #expect(match.3 == "-")
    let blanks = try line(record(type: 8, operation: "Add member to role."))
    #expect(try #require(blanks.wholeMatch(of: Self.form)).4 == "Addmembertorole")
  }

  @Test func `what ends a value is escaped`() throws {
    let line = try line(record(#""UserAgent":"a\"b]c\\d\ne""#))
    #expect(line.contains(#"ua="a\"b\]c\\d e""#))
  }
}

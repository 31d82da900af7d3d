import MillraceCore

/// The text of a record with holes, cut into pieces once so that filling them is quick.
///
/// A hole is written `{{name}}` or `{{name:argument}}`; two opening braces in a row mean nothing
/// else, as no JSON has them.
struct RecordTemplate: Sendable {
  /// What goes into a hole.
  enum Hole: Sendable {
    case tenantID
    case domain
    case organization
    case recordID
    /// The time of the event, without a zone.
    case time
    /// The time of the event with seven digits of fraction and `Z`.
    case fineTime
    /// The time of the event as people write it in the United States.
    case portalTime
    /// The time of the event in seconds since 1970.
    case epoch
    case alias(Person)
    case name(Person)
    case userGUID(Person)
    case userKey(Person)
    /// The address of the user, plain.
    case address
    /// The address of the user in one of the spellings that occur.
    case oddAddress
    /// A GUID that is the same in the whole record for the same argument.
    case guid(UInt64)
    /// A GUID that occurs once.
    case newGUID
    case hex(Int)
    case number(ClosedRange<Int>)
    case pick([[UInt8]])
    /// A choice that is the same in the whole record for the same options.
    case same([[UInt8]], UInt64)
    case fileName
    case fileExtension
    case folder
    case site
    case userAgent
    /// What the user signs in with, as a user agent.
    case client
    /// The operating system that goes with `client`.
    case clientSystem
    /// The browser that goes with `client`.
    case clientBrowser
    case mailServer
    case subject
    /// The named fragment, several times with commas between.
    case list(ClosedRange<Int>, RecordTemplate.Box)
  }

  /// Whom a hole speaks of.
  enum Person: Sendable {
    case user
    case other
  }

  /// Breaks the recursion of templates that hold templates.
  final class Box: Sendable {
    let template: RecordTemplate

    init(_ template: RecordTemplate) { self.template = template }
  }

  enum Piece: Sendable {
    case text([UInt8])
    case hole(Hole)
  }

  let pieces: [Piece]

  /// Cuts a template. Its text is part of the program: one that is wrong stops it.
  init(_ text: String) {
    var pieces: [Piece] = []
    var rest = text[...]
    while let start = rest.firstRange(of: "{{") {
      let behind = rest[start.upperBound...]
      guard let end = behind.firstRange(of: "}}") else {
        preconditionFailure("a hole of a record template is closed: \(behind.prefix(40))")
      }
      pieces.append(.text(Array(rest[..<start.lowerBound].utf8)))
      pieces.append(.hole(Self.hole(String(behind[..<end.lowerBound]))))
      rest = behind[end.upperBound...]
    }
    pieces.append(.text(Array(rest.utf8)))
    self.pieces = pieces
  }

  private static func hole(_ text: String) -> Hole {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2 { return hole(parts[0], parts[1]) }
    return switch text {
    case "tid": .tenantID
    case "domain": .domain
    case "org": .organization
    case "id": .recordID
    case "time": .time
    case "time7": .fineTime
    case "portaltime": .portalTime
    case "epoch": .epoch
    case "alias": .alias(.user)
    case "name": .name(.user)
    case "userguid": .userGUID(.user)
    case "userkey": .userKey(.user)
    case "alias2": .alias(.other)
    case "name2": .name(.other)
    case "userguid2": .userGUID(.other)
    case "ip": .address
    case "oddip": .oddAddress
    case "newguid": .newGUID
    case "file": .fileName
    case "ext": .fileExtension
    case "folder": .folder
    case "site": .site
    case "agent": .userAgent
    case "client": .client
    case "os": .clientSystem
    case "browser": .clientBrowser
    case "server": .mailServer
    case "subject": .subject
    default: preconditionFailure("no hole of a record template is called \(text)")
    }
  }

  private static func hole(_ name: String, _ argument: String) -> Hole {
    switch name {
    case "guid": return .guid(stableHash(argument))
    case "hex": return .hex(range(argument).upperBound)
    case "number": return .number(range(argument))
    case "pick": return .pick(options(argument))
    case "same": return .same(options(argument), stableHash(argument))
    case "list":
      let parts = argument.split(separator: ":", maxSplits: 1).map(String.init)
      guard parts.count == 2, let fragment = RecordFragments.named[parts[1]] else {
        preconditionFailure("no fragment of a record is called \(argument)")
      }
      return .list(range(parts[0]), Box(RecordTemplate(fragment)))
    default: preconditionFailure("no hole of a record template is called \(name)")
    }
  }

  private static func options(_ text: String) -> [[UInt8]] {
    text.split(separator: "|", omittingEmptySubsequences: false).map { Array($0.utf8) }
  }

  private static func range(_ text: String) -> ClosedRange<Int> {
    let bounds = text.split(separator: "-").compactMap { Int($0) }
    guard let first = bounds.first, let last = bounds.last, first <= last else {
      preconditionFailure("\(text) is no range of numbers")
    }
    return first...last
  }
}

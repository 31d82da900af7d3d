import MillraceCore

/// What the records of a tenant have in common.
struct TenantScene: Sendable {
  let seed: UInt64
  let tenantID: [UInt8]
  let domain: [UInt8]
  let organization: [UInt8]

  init(seed: UInt64, tenant: TenantID, domain: String) {
    self.seed = scrambled(seed, stableHash(tenant.description))
    tenantID = Array(tenant.description.utf8)
    self.domain = Array(domain.utf8)
    organization = Array((domain.split(separator: ".").first.map(String.init) ?? domain).utf8)
  }
}

/// Who did something, from where, to which file: fills the holes of one record.
struct RecordScene {
  private let tenant: TenantScene
  private let idSeed: UInt64
  private let recordSeed: UInt64
  private let user: Int
  private let other: Int
  private let file: Int
  private let time: CivilTime
  private let instant: Timestamp
  private var random: SeededGenerator

  /// A record with its own number in the tenant. Its time lies in the hours before the blob was
  /// created, or for one in fifty in the days before.
  init(_ tenant: TenantScene, number: UInt64, created: Timestamp) {
    self.tenant = tenant
    idSeed = number
    recordSeed = scrambled(tenant.seed, number)
    random = SeededGenerator(seed: recordSeed)
    user = random.below(Population.count)
    other = random.below(Population.count)
    file = random.below(1 << 20)
    let lag = random.below(50) == 0 ? random.below(3 * 86_400_000) : random.below(90 * 60_000)
    instant = Timestamp(milliseconds: created.milliseconds - 60_000 - Int64(lag))
    time = CivilTime(instant)
  }

  /// The share of records with which kinds are chosen, 0 up to `total`.
  mutating func choose(_ total: Int) -> Int { random.below(total) }

  mutating func fill(_ template: RecordTemplate, into bytes: inout [UInt8]) {
    for piece in template.pieces {
      switch piece {
      case .text(let text): bytes += text
      case .hole(let hole): fill(hole, into: &bytes)
      }
    }
  }

  private mutating func fill(_ hole: RecordTemplate.Hole, into bytes: inout [UInt8]) {
    switch hole {
    case .tenantID: bytes += tenant.tenantID
    case .domain: bytes += tenant.domain
    case .organization: bytes += tenant.organization
    case .recordID:
      appendGUID(scrambled(tenant.seed ^ idSeed), scrambled(tenant.seed, ~idSeed), to: &bytes)
    case .time: appendTime(to: &bytes)
    case .fineTime:
      appendTime(to: &bytes)
      bytes.append(UInt8(ascii: "."))
      appendDecimal(time.millisecond, width: 3, to: &bytes)
      appendDecimal(random.below(10_000), width: 4, to: &bytes)
      bytes.append(UInt8(ascii: "Z"))
    case .portalTime: appendPortalTime(to: &bytes)
    case .epoch: appendDecimal(Int(instant.milliseconds / 1000), to: &bytes)
    case .alias(let person): bytes += Population.alias(number(of: person))
    case .name(let person): bytes += Population.name(number(of: person))
    case .userGUID(let person):
      let seed = scrambled(tenant.seed, UInt64(number(of: person)) | 1 << 40)
      appendGUID(seed, scrambled(seed), to: &bytes)
    case .userKey(let person):
      bytes += RecordScene.keyPrefix
      appendHex(scrambled(tenant.seed, UInt64(number(of: person))), digits: 8, to: &bytes)
    case .address: AddressBook.append(user, spelling: .plain, to: &bytes)
    case .oddAddress:
      AddressBook.append(user, spelling: .odd(random.next()), to: &bytes)
    case .guid(let key):
      let seed = scrambled(recordSeed, key)
      appendGUID(seed, scrambled(seed), to: &bytes)
    case .newGUID: appendGUID(random.next(), random.next(), to: &bytes)
    default: fillFromTables(hole, into: &bytes)
    }
  }

  private mutating func fillFromTables(
    _ hole: RecordTemplate.Hole, into bytes: inout [UInt8]
  ) {
    switch hole {
    case .hex(let digits):
      for start in stride(from: 0, to: digits, by: 16) {
        appendHex(random.next(), digits: min(16, digits - start), to: &bytes)
      }
    case .number(let range):
      appendDecimal(range.lowerBound + random.below(range.count), to: &bytes)
    case .pick(let options): bytes += options[random.below(options.count)]
    case .same(let options, let key):
      bytes += options[Int(scrambled(recordSeed, key) >> 33) % options.count]
    case .fileName: bytes += Vocabulary.files[file % Vocabulary.files.count].name
    case .fileExtension: bytes += Vocabulary.files[file % Vocabulary.files.count].ext
    case .folder: bytes += Vocabulary.folders[(file >> 7) % Vocabulary.folders.count]
    case .site: bytes += Vocabulary.sites[(file >> 12) % Vocabulary.sites.count]
    case .userAgent: bytes += Vocabulary.userAgents[user % Vocabulary.userAgents.count]
    case .client: bytes += Vocabulary.clients[user % Vocabulary.clients.count].agent
    case .clientSystem: bytes += Vocabulary.clients[user % Vocabulary.clients.count].system
    case .clientBrowser: bytes += Vocabulary.clients[user % Vocabulary.clients.count].browser
    case .mailServer: bytes += Vocabulary.servers[random.below(Vocabulary.servers.count)]
    case .subject: bytes += Vocabulary.subjects[random.below(Vocabulary.subjects.count)]
    case .list(let range, let box):
      for index in 0..<range.lowerBound + random.below(range.count) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        fill(box.template, into: &bytes)
      }
    default: preconditionFailure("every hole is filled by one of the two functions")
    }
  }

  private static let keyPrefix = Array("10032000".utf8)

  private func number(of person: RecordTemplate.Person) -> Int {
    switch person {
    case .user: user
    case .other: other
    }
  }

  private func appendTime(to bytes: inout [UInt8]) {
    appendDecimal(time.year, width: 4, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDecimal(time.month, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: "-"))
    appendDecimal(time.day, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: "T"))
    appendClock(to: &bytes)
  }

  private func appendPortalTime(to bytes: inout [UInt8]) {
    appendDecimal(time.month, to: &bytes)
    bytes.append(UInt8(ascii: "/"))
    appendDecimal(time.day, to: &bytes)
    bytes.append(UInt8(ascii: "/"))
    appendDecimal(time.year, width: 4, to: &bytes)
    bytes.append(UInt8(ascii: " "))
    appendClock(to: &bytes)
  }

  private func appendClock(to bytes: inout [UInt8]) {
    appendDecimal(time.hour, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    appendDecimal(time.minute, width: 2, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    appendDecimal(time.second, width: 2, to: &bytes)
  }
}

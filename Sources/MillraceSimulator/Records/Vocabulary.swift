/// The people of a simulated tenant.
enum Population {
  private static let given: [(alias: String, name: String)] = [
    ("anna", "Anna"), ("bjoern", "Björn"), ("chloe", "Chloé"), ("david", "David"),
    ("elif", "Elif"), ("fatima", "Fátima"), ("goran", "Goran"), ("hiroshi", "浩"),
    ("ines", "Inês"), ("jose", "José"), ("katerina", "Kateřina"), ("lukasz", "Łukasz"),
    ("maria", "Мария"), ("nuala", "Nuala"), ("oyvind", "Øyvind"), ("priya", "Priya"),
    ("quentin", "Quentin"), ("rafal", "Rafał"), ("soren", "Søren"), ("thi", "Thị"),
    ("ursula", "Ursula"), ("viktor", "Viktor"), ("wen", "文"), ("zoe", "Zoë"),
  ]

  private static let family: [(alias: String, name: String)] = [
    ("almeida", "Almeida"), ("berg", "Berg"), ("cohen", "Cohen"), ("dupont", "Dupont"),
    ("eriksson", "Eriksson"), ("fischer", "Fischer"), ("garcia", "García"), ("horvath", "Horváth"),
    ("ivanova", "Иванова"), ("jones", "Jones"), ("kowalski", "Kowalski"), ("mueller", "Müller"),
    ("nguyen", "Nguyễn"), ("obrien", "O’Brien"), ("papadopoulos", "Παπαδόπουλος"),
    ("rossi", "Rossi"), ("sato", "佐藤"), ("yilmaz", "Yılmaz"),
  ]

  static let count = given.count * family.count

  private static let aliases = everyone { "\($0.alias).\($1.alias)" }
  private static let names = everyone { "\($0.name) \($1.name)" }

  private static func everyone(
    _ text: ((alias: String, name: String), (alias: String, name: String)) -> String
  ) -> [[UInt8]] {
    given.flatMap { given in family.map { Array(text(given, $0).utf8) } }
  }

  static func alias(_ person: Int) -> [UInt8] { aliases[person] }
  static func name(_ person: Int) -> [UInt8] { names[person] }
}

/// Words that records are made of.
enum Vocabulary {
  static let files: [(name: [UInt8], ext: [UInt8])] = [
    ("Quarterly report.docx", "docx"), ("Budget 2026.xlsx", "xlsx"), ("Übersicht.pptx", "pptx"),
    ("contract (signed).pdf", "pdf"), ("notes.txt", "txt"), ("Plan – final.docx", "docx"),
    ("données clients.xlsx", "xlsx"), ("photo_0042.jpg", "jpg"), ("会議メモ.docx", "docx"),
    ("backup.zip", "zip"), ("script.ps1", "ps1"), ("Relatório de vendas.pdf", "pdf"),
    ("inventory.csv", "csv"), ("design.vsdx", "vsdx"), ("Team offsite 🎉.pptx", "pptx"),
    ("readme", ""), ("invoice #4711.pdf", "pdf"), ("Zeugnis & Lebenslauf.pdf", "pdf"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

  static let folders = texts([
    "Shared Documents", "Documents", "Documents/Projects/2026", "Shared Documents/General",
    "Documents/Fotos", "SiteAssets", "Shared Documents/Contratos",
  ])

  static let sites = texts([
    "finance", "hr", "engineering", "marketing", "legal", "vertrieb", "board", "it-operations",
  ])

  static let userAgents = texts([
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
      + "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
      + "Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Microsoft SkyDriveSync 24.206.1013.0004 ship; Windows NT 10.0 (19045)",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15",
    "MSWACONSync", "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Excel 16.0.18129; Pro)",
  ])

  /// What people sign in with, and what sign-ins say of it beside the user agent.
  static let clients: [(agent: [UInt8], system: [UInt8], browser: [UInt8])] = [
    (
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        + "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Windows10", "Edge"
    ),
    (
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        + "Version/18.1 Safari/605.1.15", "MacOs", "Safari"
    ),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Linux", "Firefox"),
    (
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
        + "Gecko) Version/18.1 Mobile/15E148 Safari/604.1", "Ios 18.1", "Safari"
    ),
    (
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        + "Chrome/131.0.0.0 Mobile Safari/537.36", "Android", "Chrome"
    ),
    (
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        + "Chrome/131.0.0.0 Safari/537.36", "Windows10", "Chrome"
    ),
    ("BAV2ROPC", "Other", "Other"),
  ].map { (Array($0.0.utf8), Array($0.1.utf8), Array($0.2.utf8)) }

  static let servers = texts([
    "AM0PR07MB5763 (15.20.6411.029)", "VI1PR04MB4126 (15.20.8114.015)",
    "DB9PR08MB7179 (15.20.8093.014)", "PAXPR02MB9382 (15.20.8069.020)",
  ])

  static let subjects = texts([
    "Weekly report", "RE: Angebot für März", "FW: facture impayée", "Lunch?", "[EXT] Your parcel",
    "会議の件", "Re: contract \\\"draft\\\" v2", "Einladung: Jour fixe",
  ])

  private static func texts(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }
}

/// The addresses people work from.
enum AddressBook {
  enum Spelling {
    case plain
    /// One of the spellings that records have; the number chooses.
    case odd(UInt64)
  }

  /// Blocks kept for documentation (RFC 5737), and some that public test data for geolocation
  /// knows, so that a demonstration has places to show.
  private static let blocks: [(Int, Int, Int)] = [
    (203, 0, 113), (198, 51, 100), (192, 0, 2), (203, 0, 113), (198, 51, 100),
    (81, 2, 69), (89, 160, 20), (175, 16, 199), (216, 160, 83), (67, 43, 156),
  ]

  static func append(_ person: Int, spelling: Spelling, to bytes: inout [UInt8]) {
    let hash = scrambled(UInt64(person) &+ 77)
    let isVersion6 = hash % 7 == 0
    let address = { (bytes: inout [UInt8]) in
      if isVersion6 {
        bytes += Array("2001:db8:".utf8)
        appendHex(hash >> 16 | 0x1000, digits: 4, to: &bytes)
        bytes += Array("::".utf8)
        appendHex(hash >> 40 | 0x10, digits: 2, to: &bytes)
      } else {
        let block = blocks[Int(hash >> 8 & 0xFFFF) % blocks.count]
        for part in [block.0, block.1, block.2] {
          appendDecimal(part, to: &bytes)
          bytes.append(UInt8(ascii: "."))
        }
        appendDecimal(1 + Int(hash >> 40) % 250, to: &bytes)
      }
    }
    guard case .odd(let choice) = spelling else { return address(&bytes) }
    let port = 1024 + Int(choice >> 20) % 60_000
    switch choice % 16 {
    case 0...6: address(&bytes)
    case 7...9 where !isVersion6:
      address(&bytes)
      bytes.append(UInt8(ascii: ":"))
      appendDecimal(port, to: &bytes)
    case 7...11:
      bytes.append(UInt8(ascii: "["))
      if !isVersion6 && choice % 16 == 11 { bytes += Array("::ffff:".utf8) }
      address(&bytes)
      bytes += Array("]:".utf8)
      appendDecimal(port, to: &bytes)
    case 12 where !isVersion6:
      bytes += Array("::ffff:".utf8)
      address(&bytes)
    case 13:
      // The rarer ones, among them none at all.
      switch choice >> 60 {
      case 0...3: bytes += Array("<null>".utf8)
      case 4: bytes += Array("localhost".utf8)
      case 5: bytes += Array("fe80::1%eth0".utf8)
      case 6, 7: break
      default: address(&bytes)
      }
    default: address(&bytes)
    }
  }
}

import MillraceCore

/// Makes databases in the MaxMind DB format (version 2.0, records of 32 bits): small ones, for
/// tests to say what an address is.
struct DatabaseMaker {
  /// A value of the data section.
  indirect enum Value {
    case text(String)
    case number(Double)
    case short(UInt16)
    case integer(UInt32)
    case long(UInt64)
    case flag(Bool)
    case list([Value])
    case map([(String, Value)])
  }

  private enum Record {
    case empty
    case node(Int)
    case data(Int)
  }

  private var nodes: [(Record, Record)] = [(.empty, .empty)]
  private var data: [UInt8] = []
  private let type: String
  private let builtAt: UInt64

  init(type: String, builtAt: UInt64 = 1_772_000_000) {
    self.type = type
    self.builtAt = builtAt
  }

  /// Says something of all addresses that share their first bits: IPv4 under `::/96`, as the format
  /// wants it.
  mutating func add(_ address: String, _ length: Int, _ value: Value) {
    guard var bits = AddressBits(address) else { preconditionFailure("\(address) is an address") }
    var depth = length
    if bits.isIPv4 {
      bits = AddressBits(high: 0, low: bits.low & 0xFFFF_FFFF)
      depth += 96
    }
    let offset = data.count
    data += DatabaseMaker.bytes(value)
    var node = 0
    for place in 0..<depth {
      let word = place < 64 ? bits.high : bits.low
      let isRight = word >> UInt64(63 - place % 64) & 1 == 1
      let isLast = place == depth - 1
      let record = isRight ? nodes[node].1 : nodes[node].0
      var next = record
      if isLast {
        next = .data(offset)
      } else if case .node = record {
      } else {
        // What is said of a wider range is said of both halves.
        nodes.append((record, record))
        next = .node(nodes.count - 1)
      }
      if isRight { nodes[node].1 = next } else { nodes[node].0 = next }
      if case .node(let number) = next { node = number }
    }
  }

  /// The file.
  var file: [UInt8] {
    var bytes: [UInt8] = []
    for (left, right) in nodes {
      for record in [left, right] {
        let number =
          switch record {
          case .empty: nodes.count
          case .node(let node): node
          case .data(let offset): nodes.count + 16 + offset
          }
        withUnsafeBytes(of: UInt32(number).bigEndian) { bytes += $0 }
      }
    }
    bytes += [UInt8](repeating: 0, count: 16) + data
    bytes += [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
    bytes += DatabaseMaker.bytes(
      .map([
        ("node_count", .integer(UInt32(nodes.count))), ("record_size", .short(32)),
        ("ip_version", .short(6)), ("database_type", .text(type)),
        ("languages", .list([.text("en")])), ("binary_format_major_version", .short(2)),
        ("binary_format_minor_version", .short(0)), ("build_epoch", .long(builtAt)),
        ("description", .map([("en", .text("for tests"))])),
      ]))
    return bytes
  }

  private static func bytes(_ value: Value) -> [UInt8] {
    switch value {
    case .text(let text): return head(2, text.utf8.count) + Array(text.utf8)
    case .number(let number):
      return head(3, 8) + withUnsafeBytes(of: number.bitPattern.bigEndian) { Array($0) }
    case .short(let number):
      return head(5, 2) + withUnsafeBytes(of: number.bigEndian) { Array($0) }
    case .integer(let number):
      return head(6, 4) + withUnsafeBytes(of: number.bigEndian) { Array($0) }
    case .long(let number):
      return head(9, 8) + withUnsafeBytes(of: number.bigEndian) { Array($0) }
    case .flag(let flag): return head(14, flag ? 1 : 0)
    case .list(let values): return head(11, values.count) + values.flatMap(bytes)
    case .map(let members):
      return head(7, members.count)
        + members.flatMap { name, value in bytes(.text(name)) + bytes(value) }
    }
  }

  /// The control byte, and those that a type or a size beyond it needs.
  private static func head(_ type: Int, _ size: Int) -> [UInt8] {
    let first = type > 7 ? 0 : type << 5
    let extended = type > 7 ? [UInt8(type - 7)] : []
    if size < 29 { return [UInt8(first | size)] + extended }
    precondition(size < 29 + 256, "values of tests are short")
    return [UInt8(first | 29)] + extended + [UInt8(size - 29)]
  }
}

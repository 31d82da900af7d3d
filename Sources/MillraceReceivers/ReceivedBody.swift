import MillraceCompression
import MillraceEvents
import MillraceHTTP

/// A body that is not what it claims to be.
struct BodyFault: Error {
  /// What is wrong with it.
  let message: String
  /// Whether it is its size.
  var isTooLarge = false
}

/// Reads the bodies of deliveries, strictly.
enum ReceivedBody {
  /// The body of a request without its content coding; refused when it has more than `bytesMax`
  /// bytes.
  static func decoded(_ request: ServerRequest, bytesMax: Int) throws(BodyFault) -> [UInt8] {
    let stream: any DecompressionStream
    switch request.header("Content-Encoding") {
    case nil, "identity":
      guard request.body.count <= bytesMax else {
        throw BodyFault(message: "the body is too large", isTooLarge: true)
      }
      return request.body
    case "gzip": stream = GzipStream()
    case "zstd": stream = ZstdStream(windowLogMax: 27)
    case .some(let coding): throw BodyFault(message: "unknown content coding \(coding)")
    }
    var output: [UInt8] = []
    var offset = 0
    var isWhole = false
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { chunk.deallocate() }
    while true {
      let step: DecompressionStep
      do throws(DecompressionFailure) {
        let result: Result<DecompressionStep, DecompressionFailure> =
          request.body.withUnsafeBytes { bytes in
            do throws(DecompressionFailure) {
              return .success(
                try stream.decode(UnsafeRawBufferPointer(rebasing: bytes[offset...]), into: chunk))
            } catch {
              return .failure(error)
            }
          }
        step = try result.get()
      } catch {
        throw BodyFault(message: "the content coding is damaged: \(error.message)")
      }
      offset += step.consumed
      output += UnsafeRawBufferPointer(chunk)[..<step.produced]
      guard output.count <= bytesMax else {
        throw BodyFault(message: "the body is too large", isTooLarge: true)
      }
      isWhole = step.endsMember
      if offset == request.body.count, step.produced < chunk.count || step.endsMember { break }
      if step.consumed == 0, step.produced == 0 { break }
    }
    guard isWhole, offset == request.body.count else {
      throw BodyFault(message: "the compressed body ends in its middle")
    }
    return output
  }

  /// The lines of a body, each of which a line feed ends.
  static func lines(_ body: [UInt8]) throws(BodyFault) -> [ArraySlice<UInt8>] {
    guard body.last == UInt8(ascii: "\n") else {
      throw BodyFault(message: "the last line is not ended by a line feed")
    }
    let lines = body.dropLast().split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard !lines.contains(where: \.isEmpty) else { throw BodyFault(message: "a line is empty") }
    return lines
  }

  /// One JSON object.
  static func object(_ bytes: some Collection<UInt8>) throws(BodyFault) -> JSONNode {
    guard let document = JSONDocument(Array(bytes)), document.root.isObject else {
      throw BodyFault(message: "not a JSON object")
    }
    return document.root
  }

  /// The JSON objects that stand one behind the other, with or without blanks between them. Those
  /// behind a malformed one are left out; the malformed one is nil.
  static func objects(_ body: [UInt8]) -> [JSONNode?] {
    var objects: [JSONNode?] = []
    var start = 0
    while true {
      while start < body.count, body[start] <= 0x20 { start += 1 }
      guard start < body.count else { return objects }
      let end = end(ofValueAt: start, in: body)
      let document = JSONDocument(Array(body[start..<end]))
      guard let root = document?.root, root.isObject else { return objects + [nil] }
      objects.append(root)
      start = end
    }
  }

  /// Where the brackets opened from `start` on are closed.
  private static func end(ofValueAt start: Int, in body: [UInt8]) -> Int {
    var depth = 0
    var isInString = false
    var index = start
    while index < body.count {
      switch body[index] {
      case UInt8(ascii: "\\") where isInString: index += 1
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString:
        depth -= 1
        if depth <= 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return body.count
  }
}

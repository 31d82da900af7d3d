import Foundation
import MillraceCore
import MillraceEvents
import MillraceRuntime

/// Millrace as one of the contenders: a process that goes through a corpus when it is told to. The
/// conversation is that of `Benchmarks/contenders/contender.h`.
enum OwnContender {
  /// Turns one blob into lines; returns how many records there were.
  typealias Work = (PaddedBytes, inout [UInt8]) throws -> Int

  /// What this program can do with a corpus, by name.
  static let names = [
    "memcpy", "scan", "raw", "native", "native, raw: object", "ecs", "ocsf", "JSONDecoder",
  ]

  /// What events say of their blob.
  private static let context = EventContext(
    tenant: nil, tenantName: "contoso", contentType: .general, contentID: nil,
    available: Timestamp(milliseconds: 1_772_625_600_000),
    collected: Timestamp(milliseconds: 1_772_625_660_000))

  static func work(_ name: String) throws(OptionFailure) -> Work {
    switch name {
    case "memcpy":
      return { blob, output in
        blob.withUnsafeBytes { output.append(contentsOf: $0) }
        return 0
      }
    case "scan": return { blob, _ in BlobScanner.scan(blob).records.count }
    case "raw": return encoding(EventEncoder(format: .raw))
    case "native": return encoding(EventEncoder(format: .native))
    case "native, raw: object": return encoding(EventEncoder(format: .native, raw: .object))
    case "ecs": return encoding(EventEncoder(format: .ecs))
    case "ocsf": return encoding(EventEncoder(format: .ocsf))
    case "JSONDecoder": return { try CodableReshape.work(on: $0, &$1) }
    default: throw OptionFailure(message: "no contender is called \(name)")
    }
  }

  /// From bytes to lines: scanned, then encoded.
  private static func encoding(_ encoder: EventEncoder) -> Work {
    var encoder = encoder
    return { blob, output in
      let scan = BlobScanner.scan(blob)
      encoder.encode(scan, of: blob, context: context, into: &output)
      return scan.records.count
    }
  }

  /// Serves until standard input ends.
  static func serve(_ options: BenchOptions) throws {
    let blobs = try lines(of: options.input).map { PaddedBytes($0) }
    let name = options.workload ?? "native"
    let work = try work(name)
    var output: [UInt8] = []
    while let command = readLine() {
      let words = command.split(separator: " ", maxSplits: 1)
      let file: FileHandle? = try words.count == 2 ? created(String(words[1])) : nil
      let watch = Stopwatch()
      var records = 0
      var bytes = 0
      if options.threads > 1 {
        passOnThreads(blobs, name, options.threads)
      } else {
        for blob in blobs {
          output.removeAll(keepingCapacity: true)
          records += try work(blob, &output)
          bytes += output.count
          if let file { try file.write(contentsOf: output) }
        }
      }
      print("\(watch.sample.processorSeconds) \(records) \(bytes)")
      fflush(nil)
    }
  }

  private static func created(_ path: String) throws -> FileHandle {
    guard FileManager.default.createFile(atPath: path, contents: nil) else {
      throw ChildFailure(description: "\(path) cannot be written")
    }
    return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
  }

  private static func lines(of path: String) throws -> [[UInt8]] {
    let corpus = try Data(contentsOf: URL(fileURLWithPath: path))
    return corpus.split(separator: UInt8(ascii: "\n")).map { Array($0) }
  }

  /// Each thread goes through the whole corpus, with memory of its own.
  private static func passOnThreads(_ blobs: [PaddedBytes], _ name: String, _ count: Int) {
    let left = ConditionLock(count)
    for number in 0..<count {
      startThread(name: "contender-\(number)") {
        do {
          let work = try work(name)
          var output: [UInt8] = []
          for blob in blobs {
            output.removeAll(keepingCapacity: true)
            _ = try work(blob, &output)
          }
        } catch {
          preconditionFailure("what one thread did, another can: \(error)")
        }
        left.withLock { $0 -= 1 }
        left.signal()
      }
    }
    left.wait({ $0 == 0 }, then: { _ in })
  }
}

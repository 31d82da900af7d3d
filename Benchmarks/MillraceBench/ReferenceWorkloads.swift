import Foundation
import MillraceCore

/// What others would do with the same bytes.
enum ReferenceWorkloads {
  /// The least that can be done: reading and writing every byte.
  static func copy(_ corpus: Corpus) -> Workload {
    let largest = corpus.blobs.map(\.count).max() ?? 0
    var target = [UInt8](repeating: 0, count: largest)
    return Workload.timed(name: "memcpy", bytes: corpus.bytes, events: corpus.events) {
      for blob in corpus.blobs {
        blob.withUnsafeBytes { bytes in
          target.withUnsafeMutableBytes { $0.copyMemory(from: bytes) }
        }
      }
    }
  }

  /// Reads into structures and writes nothing: less than an encoder does.
  static func decoder(_ corpus: Corpus) -> Workload {
    let data = corpus.blobs.map { Data($0.bytes) }
    let decoder = JSONDecoder()
    return Workload.timed(
      name: "JSONDecoder, 24 fields", bytes: corpus.bytes, events: corpus.events, roundsMax: 3
    ) {
      var count = 0
      for blob in data { count += try decoder.decode([ReshapedRecord].self, from: blob).count }
      precondition(count == corpus.events, "the decoder finds every record")
    }
  }

  /// Reads everything into dictionaries and writes nothing.
  static func serialization(_ corpus: Corpus) -> Workload {
    let data = corpus.blobs.map { Data($0.bytes) }
    return Workload.timed(
      name: "JSONSerialization", bytes: corpus.bytes, events: corpus.events, roundsMax: 3
    ) {
      var count = 0
      for blob in data {
        count += (try JSONSerialization.jsonObject(with: blob) as? [Any])?.count ?? 0
      }
      precondition(count == corpus.events, "the parser finds every record")
    }
  }
}

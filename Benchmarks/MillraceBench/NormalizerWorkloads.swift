import MillraceCore
import MillraceCrypto
import MillraceEvents
import MillracePseudonyms

/// What Millrace itself does with the bytes of blobs.
enum NormalizerWorkloads {
  /// Splits and checks: strict JSON, UTF-8.
  static func scan(_ corpus: Corpus) -> Workload {
    Workload.timed(name: "scan", bytes: corpus.bytes, events: corpus.events) {
      var count = 0
      for blob in corpus.blobs { count += BlobScanner.scan(blob).records.count }
      precondition(count == corpus.events, "a scan always finds the same")
    }
  }

  static func native(_ corpus: Corpus) -> Workload {
    workload("native encode", corpus, EventEncoder(format: .native))
  }

  /// With a new encoder for each blob, which is what encoding in slices comes to.
  static func nativeByBlob(_ corpus: Corpus) -> Workload {
    Workload.timed(
      name: "native encode, new encoders", bytes: corpus.bytes, events: corpus.events
    ) {
      for index in corpus.blobs.indices {
        var output: [UInt8] = []
        encode(corpus, index, EventEncoder(format: .native), &output)
        precondition(!output.isEmpty, "records become lines")
      }
    }
  }

  static func nativeWithRaw(_ corpus: Corpus) -> Workload {
    workload("native encode, raw: string", corpus, EventEncoder(format: .native, raw: .string))
  }

  /// With names, addresses and ids as pseudonyms that can be turned back.
  static func nativeWithPseudonyms(_ corpus: Corpus) throws(PseudonymKey.Problem) -> Workload {
    let pseudonyms = KeyedPseudonyms(
      key: try PseudonymKey("q2Jm8z0c1X7rVnYt5uKdL4eWfGhPoAsB3iCj6xTlUvE="),
      revealKey: try PseudonymKey("9wQx7LmN2pZrT5vKc8jHfD1sG4aYbE6uIo3RtVnXkMw="),
      selection: PseudonymSelection(groups: [.users, .addresses, .ids]))
    return workload(
      "native encode, pseudonyms", corpus, EventEncoder(format: .native, pseudonyms: pseudonyms))
  }

  static func raw(_ corpus: Corpus) -> Workload {
    workload("raw encode", corpus, EventEncoder(format: .raw))
  }

  /// Encodes records that were scanned before.
  private static func workload(
    _ name: String, _ corpus: Corpus, _ encoder: EventEncoder
  ) -> Workload {
    Workload.timed(name: name, bytes: corpus.bytes, events: corpus.events) {
      // As the pipeline does it: a fresh buffer for each slice.
      for index in corpus.blobs.indices {
        var output: [UInt8] = []
        encode(corpus, index, encoder, &output)
        precondition(!output.isEmpty, "records become lines")
      }
    }
  }

  private static func encode(
    _ corpus: Corpus, _ index: Int, _ encoder: EventEncoder, _ output: inout [UInt8]
  ) {
    var encoder = encoder
    encoder.encode(
      corpus.scans[index], of: corpus.blobs[index], context: corpus.contexts[index], into: &output)
  }

  /// The SHA-256 of all native events: two versions that differ in speed alone have the same.
  static func digest(_ corpus: Corpus) -> String {
    var digests: [UInt8] = []
    for raw in RawAttachment.allCases {
      let encoder = EventEncoder(format: .native, raw: raw)
      for index in corpus.blobs.indices {
        var output: [UInt8] = []
        encode(corpus, index, encoder, &output)
        digests += output.withUnsafeBytes { SHA256.digest(of: $0) }
      }
    }
    return digests.withUnsafeBytes { SHA256.digest(of: $0) }
      .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}

/// A promise about hostile input that was not kept.
package struct BrokenPromise: Error, CustomStringConvertible {
  /// What was promised, and what came instead.
  package let description: String

  /// What is seen of a line in a report.
  private static let excerptBytes = 2000

  init(_ words: String) {
    description = words
  }

  /// A promise that the bytes of `line` break.
  init(_ words: String, _ line: some Collection<UInt8>) {
    description =
      words + ": " + String(decoding: line.prefix(BrokenPromise.excerptBytes), as: UTF8.self)
  }
}

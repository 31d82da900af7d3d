extension Limits {
  /// The longest text whose pseudonym can be turned back, in bytes. Names of users have 113 at
  /// most; a pseudonym is a little less than twice as long as its text.
  package static let pseudonymBytesMax = 512

  /// Pseudonyms that are remembered for each tenant and worker, a power of two: more than people
  /// are busy in one moment of a large tenant. Some 300 bytes each.
  package static let pseudonymsRememberedMax = 2048

  /// The longest line in which pseudonyms are turned back: many times the longest event.
  package static let revealedLineBytesMax = 16 << 20
}

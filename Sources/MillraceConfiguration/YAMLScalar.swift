/// Text as a scalar of the configuration.
package enum YAMLScalar {
  /// The text as it is where YAML and the substitution of variables leave it alone, else in single
  /// quotes; a dollar sign is written twice.
  package static func quoted(_ text: String) -> String {
    let escaped = text.replacing("$", with: "$$")
    let isPlain =
      !escaped.isEmpty
      && escaped.utf8.enumerated().allSatisfy { index, byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "/")
          || (index > 0 && "-_.$".utf8.contains(byte))
          // A colon is plain where no blank follows, and none can.
          || (index > 0 && index < escaped.utf8.count - 1 && byte == UInt8(ascii: ":"))
      }
    return isPlain ? escaped : "'" + escaped.replacing("'", with: "''") + "'"
  }
}

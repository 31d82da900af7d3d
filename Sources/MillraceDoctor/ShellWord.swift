/// A word as a shell reads it (POSIX, "Shell Command Language", 2.2), for commands that are shown.
package enum ShellWord {
  /// The text as it is where that will do, else in single quotes.
  package static func quoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
          || (0x61...0x7A).contains(byte) || "-_./:@%+=,".utf8.contains(byte)
      }
    return isPlain ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
  }
}

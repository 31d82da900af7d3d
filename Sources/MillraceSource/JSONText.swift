import MillraceRuntime

/// The writing of small JSON texts.
enum JSONText {
  /// A string, quotes included.
  static func string(_ text: String) -> String {
    var output = ""
    appendJSONString(text, to: &output)
    return output
  }

  /// An object of members whose values are JSON already.
  static func object(_ members: [(name: String, value: String)]) -> String {
    "{" + members.map { string($0.name) + ":" + $0.value }.joined(separator: ",") + "}"
  }
}

import MillraceHTTP
import MillraceRuntime

/// Small JSON texts that receivers answer.
enum JSONAnswer {
  /// A string, quotes included.
  static func string(_ text: String) -> String {
    var output = ""
    appendJSONString(text, to: &output)
    return output
  }

  /// An answer of a JSON text.
  static func make(
    _ text: String, status: Int = 200, headers: [(name: String, value: String)] = []
  ) -> ServerResponse {
    var answer = ServerResponse(status: status, text: text, type: "application/json")
    answer.headers += headers
    return answer
  }
}

import MillraceCore
import MillraceHTTP
import MillraceRuntime

/// The answers of the service, in its dress.
enum Answers {
  /// The header fields that the service was seen to send.
  static let headers: [(name: String, value: String)] = [
    ("Cache-Control", "no-cache"), ("Pragma", "no-cache"),
    ("Content-Type", "application/json; charset=utf-8"), ("Expires", "-1"),
    ("Server", "Microsoft-IIS/10.0"), ("X-AspNet-Version", "4.0.30319"),
    ("X-Powered-By", "ASP.NET"),
  ]

  /// The answer dated by the service's clock, which need not be the machine's.
  static func dated(_ answer: ServerResponse, at time: Timestamp) -> ServerResponse {
    var answer = answer
    answer.headers.append(("Date", httpDate(time)))
    return answer
  }

  /// A time as header fields have it (RFC 9110, section 5.6.7): `Tue, 15 Nov 1994 08:12:31 GMT`.
  static func httpDate(_ time: Timestamp) -> String {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    // The first day of the epoch was a Thursday.
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let text = time.description
    let month = Int(text.dropFirst(5).prefix(2)).map { months[($0 + 11) % 12] } ?? ""
    let day = days[Int(time.milliseconds / 86_400_000 % 7)]
    return "\(day), \(text.dropFirst(8).prefix(2)) \(month) \(text.prefix(4)) "
      + "\(text.dropFirst(11).prefix(8)) GMT"
  }

  static func json(_ text: String, status: Int = 200) -> ServerResponse {
    ServerResponse(status: status, headers: headers, body: .bytes(Array(text.utf8)))
  }

  /// An error body (Activity API reference, "Errors").
  static func error(_ code: String, _ message: String, status: Int = 400) -> ServerResponse {
    json(errorObject(code, message), status: status)
  }

  static func errorObject(_ code: String, _ message: String) -> String {
    "{\"error\":{\"code\":\(quoted(code)),\"message\":\(quoted(message))}}"
  }

  /// What the front end says to a token it does not accept.
  static func unauthorized() -> ServerResponse {
    var answer = json(
      #"{"Message":"Authorization has been denied for this request."}"#, status: 401)
    answer.headers.append(("WWW-Authenticate", #"Bearer error="invalid_token""#))
    return answer
  }

  static func html(status: Int, title: String) -> ServerResponse {
    ServerResponse(
      status: status,
      text: """
        <!DOCTYPE html>\r
        <html><head><title>\(title)</title></head><body><h1>\(title)</h1></body></html>\r\n
        """,
      type: "text/html; charset=us-ascii")
  }

  /// A text as a JSON string.
  static func quoted(_ text: String) -> String {
    var output = ""
    appendJSONString(text, to: &output)
    return output
  }
}

/// One request a client made, read to its end.
package struct ServerRequest: Sendable {
  /// The method in the client's spelling, such as `GET`.
  package let method: String
  /// The path with its percent escapes decoded.
  package let path: String
  /// The path as it came.
  package let rawPath: String
  /// What followed the question mark, as it came; nil without one.
  package let rawQuery: String?
  /// The parameters of the query, decoded, in their order.
  package let query: [(name: String, value: String)]
  /// The header fields, in their order.
  package let headers: [(name: String, value: String)]
  /// The body; empty when there was none.
  package let body: [UInt8]

  /// Takes a request apart. `target` is what stood behind the method on the request line
  /// (RFC 9112, section 3.2).
  package init(
    method: String, target: String, headers: [(name: String, value: String)] = [],
    body: [UInt8] = []
  ) {
    self.method = method
    self.headers = headers
    self.body = body
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    rawPath = parts.first.map(String.init) ?? ""
    rawQuery = parts.count > 1 ? String(parts[1]) : nil
    path = FormText.decoded(rawPath.utf8, plusIsBlank: false)
    query = rawQuery.map { FormText.fields(Array($0.utf8)) } ?? []
  }

  /// The value of the first query parameter of that name, in any letter case.
  package func queryValue(_ name: String) -> String? {
    let wanted = name.lowercased()
    return query.first { $0.name.lowercased() == wanted }?.value
  }

  /// The value of the first header field of that name, in any letter case.
  package func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }

  /// The fields of a body sent as `application/x-www-form-urlencoded`.
  package var form: [(name: String, value: String)] { FormText.fields(body) }
}

/// What the server answers.
package struct ServerResponse: Sendable {
  /// The HTTP status code.
  package var status: Int
  /// Header fields in the spelling in which they are sent. `Content-Length` and `Date` are added.
  package var headers: [(name: String, value: String)]
  /// What is sent, and how.
  package var body: ServerBody
  /// How long the answer is held back; other requests are served meanwhile.
  package var delay: Duration?

  /// An answer.
  package init(
    status: Int = 200, headers: [(name: String, value: String)] = [], body: ServerBody,
    delay: Duration? = nil
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.delay = delay
  }

  /// An answer of a text in UTF-8.
  package init(status: Int = 200, text: String, type: String = "text/plain; charset=utf-8") {
    self.init(
      status: status, headers: [("Content-Type", type)], body: .bytes(Array(text.utf8)))
  }
}

/// How an answer's body is sent.
package enum ServerBody: Sendable {
  /// All of it, with its length announced.
  case bytes([UInt8])
  /// All of it in chunks, without a length (RFC 9112, section 7.1).
  case unannounced([UInt8])
  /// All of it with its length announced, `piece` bytes at a time with a pause before each.
  case slow([UInt8], piece: Int, pause: Duration)
  /// As many pieces as the function gives, in chunks, until it gives nil; the connection drops when
  /// it throws. A new function is made for each answer, and called by one thread.
  case streamed(@Sendable () -> () throws -> [UInt8]?)
  /// More is announced than is sent; then the connection drops.
  case cut([UInt8], announced: Int)
  /// Nothing at all is sent, not even a status; the connection is reset.
  case reset
}

package import MillraceStore

/// A request of a command to the running collector to change something: `POST` to a path of the
/// control socket, which only the owner of the store's folder can open. The console has none of it.
package struct ControlRequest: Sendable {
  /// The parameters of the query, decoded; of a name given twice the last.
  package let query: [String: String]
  /// The body; JSON where the route does not say otherwise.
  package let body: [UInt8]

  /// A request.
  package init(query: [String: String] = [:], body: [UInt8] = []) {
    self.query = query
    self.body = body
  }

  /// The body as a value.
  ///
  /// - Throws: `ControlError` of status 400.
  package func read<Value: Decodable>(_ type: Value.Type) throws(ControlError) -> Value {
    do {
      return try ReportJSON.read(type, from: body)
    } catch {
      throw ControlError(400, "the request cannot be read; it is of another version of millrace")
    }
  }
}

/// Why the collector did not do what a command asked.
package struct ControlError: Error, Hashable, Codable, Sendable, CustomStringConvertible {
  /// The HTTP status: 400 for what can never be done, 404 for what is not there, 409 for what
  /// cannot be done now, 503 for the store's trouble.
  package let status: Int
  /// What is wrong, and what to do.
  package let error: String

  /// A refusal.
  package init(_ status: Int, _ error: String) {
    self.status = status
    self.error = error
  }

  /// The store's trouble.
  package init(_ error: StoreError) {
    self.init(503, error.description)
  }

  /// What is wrong, and what to do.
  package var description: String { error }
}

/// What answers one path of the control socket.
///
/// A handler works for moments: what takes longer is begun by it, and asked about later. It is
/// cancelled when the collector stops listening, and must end then.
package struct ControlRoute: Sendable {
  /// What does the work; its answer is sent as JSON.
  package typealias Handler =
    @Sendable (ControlRequest, Collector) async throws(ControlError) -> any Encodable & Sendable

  /// Such as `/repair`.
  package let path: String
  let handler: Handler

  /// A route.
  package init(_ path: String, _ handler: @escaping Handler) {
    self.path = path
    self.handler = handler
  }

  /// All there are.
  static let all: [ControlRoute] = [
    .importing,
    .repair,
    .seal,
    .startReplay,
    .showReplay,
    .cancelReplay,
    .retryDeadLetters,
    .dropDeadLetters,
    .dropSink,
    .starts,
  ]

  /// The one for a path.
  static func at(_ path: String) -> ControlRoute? { all.first { $0.path == path } }
}

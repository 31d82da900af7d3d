import MillraceCore

/// How long a request may take, in three respects.
package struct HTTPTimeouts: Hashable, Sendable {
  /// For the connection to come about, name and TLS included.
  package var connect: Duration
  /// Without a single byte moving; counted in whole seconds, rounded up, at least one.
  package var idle: Duration
  /// For everything, from the moment the request gets its turn.
  package var total: Duration

  /// Timeouts; those left out are the defaults of `Limits`.
  package init(
    connect: Duration = Limits.requestConnectTimeout,
    idle: Duration = Limits.requestIdleTimeout,
    total: Duration = Limits.requestTotalTimeout
  ) {
    self.connect = connect
    self.idle = idle
    self.total = total
  }
}

/// Where the body of an answer goes when it is too large for memory.
package struct BodySpill: Sendable {
  /// The largest body kept in memory, in bytes after decompression.
  package var beyond: Int
  /// A folder on the file system that takes larger ones, in a file without a name.
  package var folder: String
  /// Told how many bytes have come in all, each time some of them went to the file.
  package var arrived: (@Sendable (Int) -> Void)?

  /// A body of more than `beyond` bytes goes to a file in `folder`, and `arrived` is told of it.
  package init(beyond: Int, folder: String, arrived: (@Sendable (Int) -> Void)? = nil) {
    self.beyond = beyond
    self.folder = folder
    self.arrived = arrived
  }
}

/// What signs a request for Amazon's services (AWS General Reference, "Signature Version 4").
/// Whatever prints it shows no secret.
package struct AWSSignature: Sendable, CustomStringConvertible, CustomReflectable {
  /// Such as `eu-central-1`.
  package var region: String
  /// Such as `sts`.
  package var service: String
  /// Names the key.
  package var accessKeyID: String
  /// The key itself.
  package var secretAccessKey: String

  /// A signature with this key.
  package init(region: String, service: String, accessKeyID: String, secretAccessKey: String) {
    self.region = region
    self.service = service
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
  }

  /// What for, not with what.
  package var description: String { "[signature for \(service) in \(region)]" }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// One request of HTTP (RFC 9110) to an `http` or `https` URL.
package struct HTTPRequest: Sendable {
  /// `GET`, `POST` and the like, in capitals.
  package var method: String
  /// The absolute URL, sent byte for byte: printable ASCII, without user information.
  package var url: String
  /// Header fields in the order they are sent. `Host`, `Content-Length`, `User-Agent` and
  /// `Accept-Encoding` are added by the client. Values may be secrets; they are never printed.
  package var headers: [(name: String, value: String)]
  /// The body; nil and empty are the same, and `POST` then announces a length of zero.
  package var body: [UInt8]?
  /// How long it may take.
  package var timeouts: HTTPTimeouts
  /// The largest body accepted, in bytes after decompression.
  package var bodyBytesMax: Int
  /// Where a large body goes; nil keeps every body in memory.
  package var spill: BodySpill?
  /// The path of a Unix socket to talk to in place of the URL's host; nil for TCP.
  package var unixSocketPath: String?
  /// The way it takes; nil for the client's own.
  package var route: HTTPRoute?
  /// Signs the request; nil for no signature.
  package var signature: AWSSignature?

  /// A request.
  package init(
    method: String = "GET", url: String, headers: [(name: String, value: String)] = [],
    body: [UInt8]? = nil, timeouts: HTTPTimeouts = HTTPTimeouts(),
    bodyBytesMax: Int = Limits.answerBytesMax, spill: BodySpill? = nil,
    unixSocketPath: String? = nil, route: HTTPRoute? = nil, signature: AWSSignature? = nil
  ) {
    precondition(bodyBytesMax >= 0, "a size is not negative")
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeouts = timeouts
    self.bodyBytesMax = bodyBytesMax
    self.spill = spill
    self.unixSocketPath = unixSocketPath
    self.route = route
    self.signature = signature
  }
}

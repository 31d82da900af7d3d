/// A content blob as a listing names it (Activity API reference, "List available content").
package struct ContentBlob: Hashable, Sendable {
  /// The tenant and the content type it was listed for.
  package let feed: Feed
  package let id: ContentID
  /// The full URL to fetch it from, byte for byte as listed.
  package let uri: String
  /// When the service made the blob available; not when its events happened.
  package let created: Timestamp
  /// When the service stops serving it; read, never derived.
  package let expires: Timestamp

  /// A blob as listed.
  package init(
    feed: Feed, id: ContentID, uri: String, created: Timestamp, expires: Timestamp
  ) {
    self.feed = feed
    self.id = id
    self.uri = uri
    self.created = created
    self.expires = expires
  }
}

/// Where a content blob stands in its life, as the ledger keeps it.
///
/// ```
/// listed ◄─► fetched          its bytes are in the log; back when they were damaged in the store
///    │  └──► expired          the service no longer had it; nothing can bring it back
///    └─────► dead             refused, or gave up on; the reason stands beside it
/// ```
package enum ContentState: String, CaseIterable, Sendable {
  case listed
  case fetched
  case expired
  case dead

  /// Whether the ledger may go from this state to `next`. A dead blob may be listed again by an
  /// operator's retry, a fetched one by a repair, which has its damaged bytes fetched again; an
  /// expired one never changes.
  package func mayBecome(_ next: ContentState) -> Bool {
    switch (self, next) {
    case (.listed, .fetched), (.listed, .expired), (.listed, .dead), (.dead, .listed),
      (.fetched, .listed):
      true
    default: false
    }
  }
}

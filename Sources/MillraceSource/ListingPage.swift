package import MillraceCore
import MillraceHTTP

/// A listed blob that is never fetched, with what is needed to account for it.
package struct RefusedBlob: Hashable, Sendable {
  package let id: ContentID
  /// Where its URL leads; nil when the URL cannot be read as one.
  package let origin: Origin?
  /// Why it is refused, in words for an operator.
  package let reason: String
  /// When the service made it available.
  package let created: Timestamp
  /// When the service stops serving it.
  package let expires: Timestamp
}

/// One page of a listing (Activity API reference, "List available content").
package struct ListingPage: Sendable {
  /// What can be fetched, in the order listed. An id may occur again here or on other pages.
  package let blobs: [ContentBlob]
  /// What leads elsewhere and is not fetched.
  package let refused: [RefusedBlob]
  /// Why entries could not be read at all, one sentence each. A window with such an entry is not
  /// listed completely.
  package let malformed: [String]
  /// What entries lacked that could be told from the rest of them, one sentence each.
  package let mended: [String]
  /// How many entries were created outside the window asked for: the service ignored it.
  package let outsideWindow: Int
  /// How many entries name another content type than was asked for.
  package let otherContentType: Int
  /// The URL of the next page, byte for byte; nil on the last page. An empty page with a next
  /// one is not the last.
  package let nextPage: String?
}

extension ListingPage {
  /// Reads the entries of a page.
  init(
    _ entries: [JSONValue], feed: Feed, window: TimeWindow, api: Origin, nextPage: String?
  ) {
    var blobs: [ContentBlob] = []
    var refused: [RefusedBlob] = []
    var malformed: [String] = []
    var mended: [String] = []
    var outsideWindow = 0
    var otherContentType = 0
    for (index, entry) in entries.enumerated() {
      guard let listed = ListedEntry(entry, feed: feed, window: window, api: api) else {
        malformed.append(ListedEntry.complaint(entry, at: index))
        continue
      }
      if !listed.isComplete { mended.append(ListedEntry.complaint(entry, at: index)) }
      if listed.created < window.start || listed.created >= window.end { outsideWindow += 1 }
      if let type = listed.contentType, ContentType(anyCase: type) != feed.contentType {
        otherContentType += 1
      }
      if api.contains(url: listed.uri) {
        blobs.append(
          ContentBlob(
            feed: feed, id: listed.id, uri: listed.uri, created: listed.created,
            expires: listed.expires))
      } else {
        let origin = Origin(url: listed.uri)
        refused.append(
          RefusedBlob(
            id: listed.id, origin: origin, reason: Origin.refusal(of: listed.uri, api: api),
            created: listed.created, expires: listed.expires))
      }
    }
    self.init(
      blobs: blobs, refused: refused, malformed: malformed, mended: mended,
      outsideWindow: outsideWindow,
      otherContentType: otherContentType, nextPage: nextPage)
  }
}

extension Origin {
  /// Why a URL is not asked for, without the URL itself.
  static func refusal(of url: String, api: Origin) -> String {
    guard let origin = Origin(url: url) else {
      return "its URL is not a plain one that leads to \(api)"
    }
    return "its URL leads to \(origin), not to \(api)"
  }
}

/// The members of one entry, read. What an entry lacks is told from the rest of it where that is
/// sure enough to ask for the blob: to leave it out would be to lose it.
private struct ListedEntry {
  let id: ContentID
  let uri: String
  let contentType: String?
  let created: Timestamp
  let expires: Timestamp
  /// Whether nothing had to be told from the rest.
  let isComplete: Bool

  /// Nil when nothing says which blob it is.
  init?(_ value: JSONValue, feed: Feed, window: TimeWindow, api: Origin) {
    let text = { (name: String) in value[name]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    let statedID = text("contentId")
    let statedURI = text("contentUri")
    guard let id = statedID ?? statedURI.flatMap(Self.id),
      let uri = statedURI ?? statedID.flatMap({ Self.uri($0, feed: feed, api: api) })
    else { return nil }
    let created = text("contentCreated").flatMap { Timestamp($0) }
    let expires = text("contentExpiration").flatMap { Timestamp($0) }
    self.id = ContentID(id)
    self.uri = uri
    contentType = value["contentType"]?.string
    // The service lists by this very time, so that it is in the window.
    self.created = created ?? window.start
    self.expires = expires ?? self.created + Limits.blobLifetime
    isComplete = statedID != nil && statedURI != nil && created != nil && expires != nil
  }

  /// The id at the end of a blob's URL (Activity API reference, "Retrieve content").
  private static func id(in uri: String) -> String? {
    let path = uri.prefix { $0 != "?" && $0 != "#" }
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 2, parts[parts.count - 2].lowercased() == "audit",
      let last = parts.last, !last.isEmpty
    else { return nil }
    return String(last.replacing("%24", with: "$"))
  }

  /// The URL of a blob, unless its id holds what cannot stand in a path as it is.
  private static func uri(_ id: String, feed: Feed, api: Origin) -> String? {
    let isPlain = id.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "$"), UInt8(ascii: "-"),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        true
      default: false
      }
    }
    return isPlain ? "\(api)/api/v1.0/\(feed.tenant)/activity/feed/audit/\(id)" : nil
  }

  /// What is wrong with an entry that cannot be read.
  static func complaint(_ value: JSONValue, at index: Int) -> String {
    guard value.object != nil else { return "entry \(index) is not an object" }
    let wanted = ["contentId", "contentUri", "contentCreated", "contentExpiration"]
    let missing = wanted.filter { value[$0]?.string?.isEmpty ?? true }
    let name = value["contentId"]?.string.map { AnswerExcerpt.make($0, redacting: []) }
    let subject = "entry \(index)" + (name.map { " (\($0))" } ?? "")
    return missing.isEmpty
      ? "\(subject) has a time that cannot be read"
      : "\(subject) lacks \(missing.joined(separator: ", "))"
  }
}

package import MillraceCore

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
    var outsideWindow = 0
    var otherContentType = 0
    for (index, entry) in entries.enumerated() {
      guard let listed = ListedEntry(entry) else {
        malformed.append(ListedEntry.complaint(entry, at: index))
        continue
      }
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
      blobs: blobs, refused: refused, malformed: malformed, outsideWindow: outsideWindow,
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

/// The members of one entry, read.
private struct ListedEntry {
  let id: ContentID
  let uri: String
  let contentType: String?
  let created: Timestamp
  let expires: Timestamp

  /// Nil when anything but the content type is missing or unreadable.
  init?(_ value: JSONValue) {
    guard let id = value["contentId"]?.string, !id.isEmpty,
      let uri = value["contentUri"]?.string,
      let created = value["contentCreated"]?.string.flatMap({ Timestamp($0) }),
      let expires = value["contentExpiration"]?.string.flatMap({ Timestamp($0) })
    else { return nil }
    self.id = ContentID(id)
    self.uri = uri
    contentType = value["contentType"]?.string
    self.created = created
    self.expires = expires
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

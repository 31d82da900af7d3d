import MillraceCore

/// The header that leads to the next page of a listing, in the dress it was seen in: lower-case
/// names in another order, seven digits of fraction, a raw dollar sign, no PublisherIdentifier, now
/// and then another spelling of the header and of the version.
struct NextPageLink {
  /// Where a link leads.
  enum Lead {
    case onward
    /// To another origin.
    case elsewhere
    /// To a path without a host.
    case nowhere
  }

  let tenant: TenantID
  let origins: ListingEndpoint.Origins
  let seed: UInt64
  /// Whether it is dressed even more oddly.
  let isOdd: Bool

  /// The header field that leads to the page with that token.
  func field(
    _ window: ListingEndpoint.Window, token: String, leading lead: Lead = .onward
  ) -> (name: String, value: String) {
    let time = { (time: Timestamp) in time.description.dropLast() + "0000Z" }
    let name = ["NextPageUri", "nextpageuri", "NEXTPAGEURI"][Int(seed >> 8) % 3]
    let version = seed >> 16 & 1 == 0 ? "v1.0" : "v1"
    let origin =
      switch lead {
      case .onward: origins.own
      case .elsewhere: origins.foreign
      case .nowhere: ""
      }
    let path = "/api/\(version)/\(tenant)/activity/feed/subscriptions/content"
    let query =
      "?contenttype=\(window.type.rawValue)&endtime=\(time(window.end))"
      + "&starttime=\(time(window.start))&nextpage=\(token)"
    guard isOdd else { return (name, origin + path + query) }
    return (name, odd(origin: origin, path: path, query: query))
  }

  /// The same URL written in another way (RFC 3986, section 6.2.2), or with more slashes.
  private func odd(origin: String, path: String, query: String) -> String {
    switch seed >> 24 & 7 {
    case 0: origin.replacing("http", with: "HTTP", maxReplacements: 1) + path + query
    case 1: origin + "/" + path + query
    case 2: origin + path + query.replacing("$", with: "%24")
    case 3: origin + path + query + " "
    case 4: origin + path + query.replacing("&", with: "&&")
    case 5: origin + path.replacing("activity/feed", with: "Activity/Feed") + query
    case 6: origin + path + query.replacing("contenttype", with: "CONTENTTYPE")
    default: origin + path + query.replacing(":", with: "%3A")
    }
  }
}

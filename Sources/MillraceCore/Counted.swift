/// Numbers of things as people write them.
package enum Counted {
  /// `1 tenant`, `2 tenants`: the noun is given in the singular, and has a regular plural.
  package static func text(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }
}

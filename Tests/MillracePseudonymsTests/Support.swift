import MillraceEvents
import MillracePseudonyms

/// Keys of tests.
enum TestKeys {
  static let first = "q2Jm8z0c1X7rVnYt5uKdL4eWfGhPoAsB3iCj6xTlUvE="
  static let second = "9wQx7LmN2pZrT5vKc8jHfD1sG4aYbE6uIo3RtVnXkMw="
  static let third = "0BzYxW9vUtS8rQpO7nMlK6jIhG5fEdC4bA3ZyXw2VuT="
}

let tenant = Array("11111111-2222-4333-8444-555555555555".utf8)
let otherTenant = Array("99999999-2222-4333-8444-555555555555".utf8)

/// The pseudonym of a text in canonical form.
func pseudonym(
  of text: String, _ form: PseudonymForm = .text, key: String = TestKeys.first,
  reveal: String? = TestKeys.second, in tenant: [UInt8] = tenant
) throws -> String {
  let revealKey = reveal == nil ? nil : try PseudonymKey(reveal ?? "")
  let pseudonyms = KeyedPseudonyms(
    key: try PseudonymKey(key), revealKey: revealKey,
    selection: PseudonymSelection(groups: [.users]))
  let maker = pseudonyms.borrow(tenant: tenant)
  defer { pseudonyms.giveBack(maker) }
  let made = Array(text.utf8).withUnsafeBufferPointer { maker.pseudonym(of: $0, form: form) }
  return String(decoding: made, as: UTF8.self)
}

func revealer(_ keys: String...) throws -> Revealer {
  Revealer(keys: try keys.map { key throws(PseudonymKey.Problem) in try PseudonymKey(key) })
}

package import MillraceConfiguration
package import MillraceEvents
package import MillracePseudonyms

/// What of a sink's events is written as pseudonyms, and with which keys.
extension SinkFactory {
  /// The groups and fields that a sink names; nil when it has no pseudonyms.
  ///
  /// - Throws: `SetupError` for a name that is none.
  package static func selection(
    of sink: SinkConfiguration
  ) throws(SetupError) -> PseudonymSelection? {
    guard let configured = sink.pseudonyms else { return nil }
    var selection = PseudonymSelection(groups: [])
    let fields = Set(PseudonymSelection.nameableFields)
    for name in configured.fields {
      if let known = PseudonymGroups.byName.first(where: { $0.name == name.text }) {
        selection.groups.insert(known.group)
      } else if fields.contains(name.text) {
        selection.fields.append(name.text)
      } else {
        let words = PseudonymGroups.byName.map(\.name)
        let match = suggestion(for: name.text, among: words + fields.sorted())
        throw SetupError(
          name.error(
            "\(name.shown) is neither a group (\(words.joined(separator: ", "))) nor a field of"
              + " events that holds a text",
            hint: match.map { "did you mean \"\($0)\"?" } ?? ""))
      }
    }
    return selection
  }

  /// The pseudonyms of a sink; nil when it has none. Reads the keys.
  ///
  /// - Throws: `SetupError` for keys that cannot be read or used.
  static func pseudonyms(of sink: SinkConfiguration) throws(SetupError) -> KeyedPseudonyms? {
    guard let selection = try selection(of: sink), let keys = try pseudonymKeys(of: sink)
    else { return nil }
    return KeyedPseudonyms(key: keys.key, revealKey: keys.reveal, selection: selection)
  }

  /// The keys of a sink's pseudonyms; nil when it has none.
  ///
  /// - Throws: `SetupError` for keys that cannot be read or used.
  package static func pseudonymKeys(
    of sink: SinkConfiguration
  ) throws(SetupError) -> (key: PseudonymKey, reveal: PseudonymKey?)? {
    guard let configured = sink.pseudonyms else { return nil }
    let key = try read(configured.key, "key", sink)
    guard let second = configured.revealKey else { return (key, nil) }
    let reveal = try read(second, "reveal_key", sink)
    if reveal.isSame(key) {
      throw SetupError(
        "sink \(sink.name): pseudonymise.reveal_key is the same as pseudonymise.key: who may make"
          + " pseudonyms could turn them back; make another: openssl rand -base64 32")
    }
    return (key, reveal)
  }

  private static func read(
    _ secret: Secret, _ name: String, _ sink: SinkConfiguration
  ) throws(SetupError) -> PseudonymKey {
    let text: String
    do throws(ConfigurationError) { text = try secret.read() } catch {
      throw SetupError(error.description)
    }
    do throws(PseudonymKey.Problem) { return try PseudonymKey(text) } catch {
      throw SetupError(
        "sink \(sink.name): pseudonymise.\(name): \(error.description); \(error.hint)")
    }
  }

  // MARK: Records

  /// Why a sink with pseudonyms does not get events in a format; nil when it does.
  package static func refusal(of format: String?, for sink: SinkConfiguration) -> String? {
    guard sink.pseudonyms != nil, let format, EventFormat(rawValue: format)?.carriesRecord == true
    else { return nil }
    return recordRefusal(sink.name)
  }

  /// Why a sink with pseudonyms gets no records.
  static func recordRefusal(_ name: String) -> String {
    "the events of the sink \(name) have pseudonyms, which the record would undo; use the format"
      + " native, ecs, ocsf or cef"
  }
}

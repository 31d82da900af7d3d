import MillraceCore
import MillraceEvents

/// What is promised of explanations: they name the fields of the event with the values it has.
enum ExplainerPromises {
  static func check(
    _ record: ScannedRecord, _ blob: PaddedBytes, _ native: JSONTree
  ) throws(BrokenPromise) {
    for format in EventExplainer.formats {
      let explainer = EventExplainer(format: format, places: SomePlace.shared)
      for field in explainer.explain(record, of: blob, context: LinePromises.context) {
        let value = Array(field.value.utf8)
        if format != .cef, let flaw = JSONReader.flaw(of: value) {
          throw BrokenPromise("the explained \(field.path) is no JSON, \(flaw)", value)
        }
        if field.origin.isEmpty { throw BrokenPromise("\(field.path) came from nowhere") }
        guard format == .native else { continue }
        if let tree = try? JSONReader.read(value).tree, tree != native.value(at: field.path) {
          throw BrokenPromise("the event has another \(field.path) than is explained", value)
        }
      }
    }
  }
}

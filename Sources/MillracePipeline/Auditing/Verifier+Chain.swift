import MillraceCore
import MillraceStore

extension Verifier {
  /// What an operator is told of a break in the chain.
  func explained(_ found: ChainFinding) async throws(StoreError) -> VerifyReport.Finding {
    let evidence =
      "someone or something wrote to the database beside Millrace; keep a copy of the store's "
      + "folder as evidence and restore a backup"
    var finding: VerifyReport.Finding
    switch found {
    case .missing(let range):
      finding = VerifyReport.Finding(
        kind: .entryMissing, sequence: range.lowerBound, lastSequence: range.upperBound,
        message: range.count == 1
          ? "the entry is gone; the one behind it cannot be tied to those before"
          : "\(range.count) entries are gone; the one behind them cannot be tied to those before",
        remedy: evidence)
      return finding
    case .changed(let sequence):
      finding = VerifyReport.Finding(
        kind: .entryChanged, sequence: sequence,
        message: "it, or the link of the entry before it, is not as it was written",
        remedy: evidence)
    case .linkChanged(let sequence):
      finding = VerifyReport.Finding(
        kind: .entryChanged, sequence: sequence,
        message: "its link in the chain is not the one that was written; all else in it is",
        remedy: evidence)
    case .moved(let sequence, let origin):
      finding = VerifyReport.Finding(
        kind: .entryMoved, sequence: sequence,
        message: "it was written as entry \(origin)", remedy: evidence)
    case .more(let count, let sequence):
      finding = VerifyReport.Finding(
        kind: .entryChanged, sequence: sequence,
        message: "from here on \(count) more entries do not agree with the chain",
        remedy: evidence)
    }
    if let head = try await store.storedHead(found.first) {
      finding.tenant = tenantNames[head.blob.feed.tenant] ?? head.blob.feed.tenant.description
      finding.contentType = head.blob.feed.contentType.rawValue
      finding.contentId = head.blob.id.description
    }
    return finding
  }
}

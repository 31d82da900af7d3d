import MillraceCore
package import MillraceStore

extension Auditor {
  /// Enters the seals of the span's days into a report, and whether the days are as they were
  /// sealed, where there are not too many for that.
  package func addSeals(
    _ report: inout AuditReport, of store: Store
  ) async throws(StoreError) {
    var previous = Seal.beginning
    var found: [(seal: Seal, isChained: Bool)] = []
    for seal in try await store.seals() {
      let isChained = Seal.link(after: previous, seal.day, ledger: seal.ledger.sha256) == seal.seal
      previous = seal.seal
      if let from = scope.span.from, seal.day.end <= from { continue }
      if let to = scope.span.to, seal.day.start >= to { continue }
      found.append((seal, isChained))
    }
    let areChecked = found.count <= Limits.auditedSealsMax
    for (seal, isChained) in found {
      var day = AuditReport.SealedDay(
        day: seal.day.description, seal: Hexadecimal.text(seal.seal),
        sealedAt: seal.sealedAt.description)
      if areChecked {
        let isSame = try await store.dayLedger(seal.day) == seal.ledger
        day.unchanged = isSame && isChained
        if !isSame || !isChained {
          report.add(
            AuditReport.Hole(
              kind: "seal",
              message: isSame
                ? "the seal of \(seal.day) is not chained to the one before it"
                : "the ledger of \(seal.day) was changed after the day was sealed",
              remedy: "compare with a backup and with the seals you noted elsewhere; \"millrace "
                + "verify\" says more"))
        }
      }
      report.seals.append(day)
    }
  }
}

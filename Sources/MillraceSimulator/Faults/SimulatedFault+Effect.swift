extension SimulatedFault {
  /// What is left to a collector without fault.
  package enum Effect: String, Sendable, CaseIterable {
    /// All there is, within seconds: what fails works when it is asked again.
    case mends
    /// All but what the fault spoils for good; the oracle knows which records that are.
    case loses
    /// Nothing, or not all, for minutes and longer: until somebody mends it, or hours pass.
    case lasts
  }

  /// What is left to a collector without fault.
  package var effect: Effect {
    switch self {
    case .foreignContentURI,
      .expiredBlobs,
      .poisonedBlob,
      .brokenRecord:
      .loses
    case .throttleAlways,
      .noRoles,
      .noKey500,
      .auditingOff,
      .slowRestarts,
      .firstDelay,
      .brokenEntry,
      .relativeNextPage,
      .foreignNextPage,
      .partialBlobs:
      .lasts
    default:
      ServiceErrors.find(self).map { $0.isPassing ? .mends : .lasts } ?? .mends
    }
  }
}

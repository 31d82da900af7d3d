import MillraceHTTP

extension SimulatedFault {
  /// How a fault comes about.
  enum Sort: Sendable {
    /// Some requests fail, drawn one by one.
    case failure
    /// Some answers are sent in an unusual way that leaves them whole.
    case dress
    /// It is laid out with the tenant, or shapes every answer of its kind.
    case shape
  }

  /// How the fault comes about.
  var sort: Sort {
    switch self {
    case .throttle403, .throttle429, .throttleAlways, .serverErrors, .requestTimeout, .redirects,
      .html200, .error200, .cutBodies, .cutGzip, .shortBodies, .resets, .shortTokens, .empty401,
      .noKey500:
      .failure
    case .slowAnswers, .slowBodies, .unannounced, .byteOrderMark:
      .dress
    default:
      ServiceErrors.find(self) == nil ? .shape : .failure
    }
  }

  /// Whether the fault can strike this attempt at a request, counted from 0.
  func strikes(_ call: SimulatedCall, attempt: Int) -> Bool {
    guard call.kind != .other else { return false }
    switch self {
    case .throttleAlways, .noKey500:
      return call.isOfAPI
    case .throttle403:
      return call.kind != .token
    case .error200:
      return call.kind == .fetchContent
    case .shortBodies:
      // Twice in a row would mean that the content is so.
      return call.kind == .fetchContent && attempt % 4 == 0
    case .shortTokens, .empty401:
      // A token that is refused again right after it was renewed would mean something else.
      return call.kind != .token && attempt % 4 == 0
    case .af20031:
      return call.request.queryValue("nextPage") != nil && attempt % 4 == 0
    default:
      guard let error = ServiceErrors.find(self) else { return true }
      return call.isOfAPI && error.kinds?.contains(call.kind) ?? true && attempt % 4 == 0
    }
  }
}

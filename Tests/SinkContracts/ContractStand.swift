package import MillraceSinks

/// A receiver and the sinks that deliver to it: what the contract is checked on.
package protocol ContractStand: Sendable {
  /// What is promised of what the receiver holds.
  var promise: ContractPromise { get }

  /// Whether what the receiver holds is in the order of the log, but for what was sent again.
  var keepsOrder: Bool { get }

  /// A new sink, as the next process makes it. The one before is gone without `close`, as after a
  /// kill, unless the contract closed it.
  func makeSink() async throws -> any Sink

  /// The line of an event, without its line feed, as an encoder would write it for this sink. It
  /// holds `id`.
  func line(_ id: String) -> String

  /// The ids of the events that the receiver holds for good, in the order in which it took them.
  func received() async throws -> [String]

  /// Makes the receiver behave badly from now on; false where this cannot happen to it.
  func inject(_ fault: ReceiverFault) async throws -> Bool

  /// Ends the bad behaviour.
  func heal() async throws
}

extension ContractStand {
  /// It is, unless several requests are under way at once.
  package var keepsOrder: Bool { true }

  /// An event as small as can be.
  package func line(_ id: String) -> String { #"{"id":"\#(id)"}"# }
}

/// What a sink promises of its receiver.
package enum ContractPromise: Sendable {
  /// The receiver holds every event once.
  case exactlyOnce
  /// The receiver holds every event; what was sent again bears the same id.
  case atLeastOnce
}

/// What a receiver can do to a sink.
package enum ReceiverFault: Hashable, Sendable {
  /// It is down, and was stopped in good order.
  case stopped
  /// It is down, and was killed.
  case killed
  /// It takes its time for each answer.
  case slow
  /// It takes what is sent, and closes the connection in the middle of the answer.
  case closesMidAnswer
  /// It will never take the event with this id.
  case refuses(String)
  /// It answers what no receiver of its kind answers.
  case nonsense

  /// Whether a sink can deliver while it lasts.
  var isPassable: Bool {
    switch self {
    case .slow, .refuses: true
    case .stopped, .killed, .closesMidAnswer, .nonsense: false
    }
  }
}

/// Where the contract is broken.
package struct BrokenContract: Error, CustomStringConvertible {
  /// What was found, and when.
  package let description: String
}

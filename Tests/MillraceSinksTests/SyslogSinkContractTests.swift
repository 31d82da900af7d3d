import MillraceRuntime
import MillraceSinks
import MillraceStreams
import SinkContracts
import TestChildren
import Testing

/// A real daemon and the sinks that deliver to it. A receiver of syslog never answers, so that it
/// can neither refuse an event nor answer nonsense.
private struct SyslogStand: ContractStand {
  let route: SyslogRoute
  var promise: ContractPromise { .atLeastOnce }

  func makeSink() async throws -> any Sink {
    SyslogSink(name: "siem", options: route.options, log: .silent)
  }

  func line(_ id: String) -> String { syslogLine(id) }

  func received() async throws -> [String] { route.daemon.ids }

  func inject(_ fault: ReceiverFault) async throws -> Bool {
    switch fault {
    case .stopped: await route.daemon.stop()
    case .killed: await route.daemon.kill()
    case .slow: try await route.daemon.freeze()
    case .closesMidAnswer, .nonsense, .refuses: return false
    }
    return true
  }

  func heal() async throws {
    if route.daemon.isRunning { return route.daemon.thaw() }
    try await route.daemon.startListening()
  }
}

extension SyslogDaemon {
  /// Starts it and waits until it takes connections.
  func startListening() async throws {
    try start()
    let endpoint = Endpoint.host(host, port: port)
    try await eventually("the daemon listens") {
      await blocking { (try? StreamConnection.open(endpoint)) != nil }
    }
  }
}

@Suite(.timeLimit(.minutes(10))) struct `The contract of sinks` {
  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.rsyslog), "\(SyslogDaemon.Kind.rsyslog.absence)"))
  func `is kept by the syslog sink and rsyslog`() async throws {
    let route = try SyslogRoute.tcp(.rsyslog)
    try await route.daemon.startListening()
    try await SinkContract.check(SyslogStand(route: route))
    await route.daemon.stop()
  }

  @Test(
    .enabled(if: SyslogDaemon.isInstalled(.syslogNG), "\(SyslogDaemon.Kind.syslogNG.absence)"))
  func `is kept by the syslog sink and syslog-ng`() async throws {
    let route = try SyslogRoute.tcp(.syslogNG)
    try await route.daemon.startListening()
    try await SinkContract.check(SyslogStand(route: route))
    await route.daemon.stop()
  }
}

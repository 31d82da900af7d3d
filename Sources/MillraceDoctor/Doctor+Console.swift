import MillraceConfiguration
import MillraceHTTP

/// Where the console is to listen.
extension Doctor {
  /// Whether the console's address can be had; nil when there is no console, or when whoever
  /// collects into the store has it.
  func consoleFinding(_ collector: RunningCollector) -> Finding? {
    guard let console = configuration.console else { return nil }
    do throws(HTTPServerError) {
      try HTTPServer.check(.tcp(host: console.host, port: console.port))
      return .ok(.configuration, "console", "nothing else listens at its address")
    } catch {
      guard case .none = collector else { return nil }
      return .failure(
        .configuration, "console", "cannot listen on \(error.address): \(error.message)",
        meaning: "the collector does not start", fix: error.hint,
        command: console.port > 0 ? "ss -ltnp 'sport = :\(console.port)'" : "")
    }
  }
}

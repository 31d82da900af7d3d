package import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
package import MillraceRuntime

/// Examines what a collector depends on, and changes nothing: no subscription is started or
/// stopped, no file is made.
///
/// What it says never holds a secret or a token.
package struct Doctor: Sendable {
  let configuration: Configuration
  /// The file the configuration was read from, as the caller names it.
  let path: String
  /// What a command of ours needs to be about the same configuration, with a blank in front.
  let commandOptions: String
  let clock: any WallClock

  /// A doctor for one configuration.
  ///
  /// - Parameters:
  ///   - path: the file it was read from.
  ///   - isNamed: whether commands must name that file, as it is not where they look by themselves.
  package init(
    _ configuration: Configuration, path: String, isNamed: Bool = false,
    clock: any WallClock = SystemWallClock()
  ) {
    self.configuration = configuration
    self.path = path
    commandOptions = isNamed ? " --config " + ShellWord.quoted(path) : ""
    self.clock = clock
  }

  /// What to say when there is no configuration to examine: each issue is a finding.
  package static func findings(_ error: ConfigurationError) -> [Finding] {
    error.issues.map { issue in
      .failure(
        .configuration, place(of: issue), issue.message,
        meaning: "the collector does not start with this configuration", fix: issue.hint)
    }
  }

  /// Looks at everything, tells each finding as it is made, and leaves the network alone when it
  /// is to be `offline`.
  ///
  /// - Throws: what `tell` throws, which ends the examination.
  package func examine<Failure: Error>(
    offline: Bool, _ tell: (Finding) throws(Failure) -> Void
  ) async throws(Failure) {
    func tellAll(_ findings: [Finding]) throws(Failure) {
      for finding in findings { try tell(named(finding)) }
    }
    try tellAll(configurationFindings())
    try tellAll(spaceFindings())
    try tellAll(await storeFindings())
    try tellAll(sinkFindings())
    try tellAll(fileAdvice())
    // A client of its own: its requests are few, and each shows what the collector would meet.
    let http = CurlClient(name: "check", userAgent: Version.userAgent)
    defer { http.shutdown() }
    let collector = await runningCollector(http)
    try tellAll([consoleFinding(collector)].compactMap(\.self))
    guard !offline else { return }
    try tellAll(await receiverFindings())
    try tellAll(collectorFindings(collector))
    var hosts = HostExaminer(http: http, clock: clock)
    for tenant in configuration.tenants {
      try tellAll(await hosts.examine(tenant))
      guard hosts.canReach(tenant) else { continue }
      let examiner = TenantExaminer(
        tenant: tenant, http: http, clock: clock, collector: collector.report)
      try tellAll(await examiner.examine())
    }
    for sink in configuration.sinks { try tellAll(await receiverFindings(sink)) }
  }

  /// The finding with a command that is about this very configuration.
  private func named(_ finding: Finding) -> Finding {
    guard finding.command.hasPrefix("millrace ") else { return finding }
    var finding = finding
    finding.command += commandOptions
    return finding
  }

  static func place(of issue: ConfigurationIssue) -> String {
    var place = issue.file
    if let line = issue.line, let column = issue.column { place += ":\(line):\(column)" }
    return issue.path.isEmpty ? place : place + ": " + issue.path
  }
}

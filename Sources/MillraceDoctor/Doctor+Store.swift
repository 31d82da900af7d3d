import Glibc
import MillraceConfiguration
import MillraceCore
import MillraceHTTP
import MillracePipeline
import MillraceStore

/// The health of the store, and of the collector that runs on it.
extension Doctor {
  func storeFindings() async -> [Finding] {
    let folder = configuration.store.path
    let place = folderFinding(folder, area: .store, subject: "store")
    guard place.level == .ok else { return [place] }
    let database = folder + "/millrace.db"
    var status = stat()
    if stat(database, &status) != 0 ? errno == ENOENT : status.st_size == 0 {
      return [.ok(.store, "store", place.message + "; it holds nothing yet")]
    }
    var findings = modeFindings(folder, database)
    do throws(StoreError) {
      let store = try Store(folder: folder, access: .inspect)
      defer { store.close() }
      let status = try await store.status()
      findings += Doctor.findings(status, folder) + fullness(status)
    } catch {
      findings.append(Doctor.finding(error, folder))
    }
    return findings
  }

  private func modeFindings(_ folder: String, _ database: String) -> [Finding] {
    [folder, database].compactMap { path in
      var status = stat()
      guard stat(path, &status) == 0, status.st_mode & 0o077 != 0 else { return nil }
      let mode = String(status.st_mode & 0o777, radix: 8)
      return .warning(
        .store, "store", "\(path) is open to others than its owner (mode 0\(mode))",
        meaning: "whoever reads it can read the audit logs of all tenants",
        fix: "let its owner alone read it", command: "chmod go-rwx " + ShellWord.quoted(path))
    }
  }

  /// What is to be said of a store that has reached its size.
  private func fullness(_ status: StoreStatus) -> [Finding] {
    guard Int64(status.usedBytes) >= configuration.store.maxSize else { return [] }
    let most = ByteSize.text(Int(configuration.store.maxSize))
    return [
      .warning(
        .store, "store", "it has reached store.max_size, \(most)",
        meaning: configuration.store.whenFull == .pause
          ? "fetching pauses until sinks have taken what they are owed"
          : "the oldest content is dropped, whether every sink has it or not",
        fix: "raise store.max_size, or see why a sink does not take its events",
        command: "millrace status")
    ]
  }

  private static func findings(_ status: StoreStatus, _ folder: String) -> [Finding] {
    var findings: [Finding] = [
      .ok(
        .store, "store",
        "\(folder) holds \(status.bodies) blobs with \(status.records) records;"
          + " \"millrace verify\" checks each of them")
    ]
    if status.deadLetters > 0 {
      findings.append(
        .warning(
          .store, "store",
          Counted.text(status.deadLetters, "dead letter") + " not retried or dropped yet",
          meaning: "records that could not be parsed, or events that a sink refused",
          fix: "look at them, then retry or drop them", command: "millrace dead-letters list"))
    }
    if status.droppedBodies > 0 {
      findings.append(
        .warning(
          .store, "store", "\(status.droppedBodies) blobs were dropped before every sink had them",
          meaning: "the store was full, and when_full is drop_oldest",
          fix: "repair the sink that lags, or enlarge store.max_size", command: "millrace status"))
    }
    let lost = status.feeds.reduce(0) { $0 + ($1.blobs[.expired] ?? 0) + ($1.blobs[.dead] ?? 0) }
    if lost > 0 {
      findings.append(
        .warning(
          .store, "store", "\(lost) blobs that were listed could not be fetched",
          meaning: "the service no longer had them, or refused them; they cannot be had again",
          fix: "see which", command: "millrace audit"))
    }
    return findings
  }

  private static func finding(_ error: StoreError, _ folder: String) -> Finding {
    let command: String
    let meaning: String
    switch error.kind {
    case .damaged:
      meaning = "what is in the store may not be read; what the service still has can be fetched"
      command = "millrace verify"
    case .newer:
      meaning = "an older version must not write to it"
      command = "millrace version"
    case .older:
      meaning = "the collector brings it up to date when it starts"
      command = ""
    default:
      meaning = "nothing can be collected without the store"
      command = "ls -la " + ShellWord.quoted(folder)
    }
    let message = "\(error.operation): \(error.message)"
    return error.kind == .older
      ? .warning(.store, "store", message, meaning: meaning, fix: error.hint)
      : .failure(
        .store, "store", message, meaning: meaning, fix: error.hint, command: command,
        cause: .other)
  }

  // MARK: The running collector

  /// Who collects into the store.
  enum RunningCollector {
    /// A collector, with what it says of itself.
    case heard(StatusReport)
    /// Someone who does not answer, or in the words of another version.
    case unheard
    /// Nobody: there is no socket, or one that a dead collector left.
    case none

    var report: StatusReport? { if case .heard(let report) = self { report } else { nil } }
  }

  /// Asks whoever runs on the store.
  func runningCollector(_ http: CurlClient) async -> RunningCollector {
    var request = HTTPRequest(url: "http://localhost/status.json")
    request.unixSocketPath = Console.socketPath(folder: configuration.store.path)
    request.timeouts.total = Limits.controlLookTimeout
    let response: HTTPResponse
    do throws(HTTPError) { response = try await http.send(request) } catch {
      return error.kind == .timeout ? .unheard : .none
    }
    do {
      return response.status == 200 ? .heard(try StatusReport(json: response.body)) : .unheard
    } catch {
      return .unheard
    }
  }

  func collectorFindings(_ collector: RunningCollector) -> [Finding] {
    if case .unheard = collector {
      return [
        .warning(
          .collector, "collector", "one holds the store and gives no answer that can be read",
          meaning: "it hangs, or is of another version",
          fix: "see what it does, and start it again", command: "millrace status")
      ]
    }
    guard let run = collector.report?.run else {
      return [.ok(.collector, "collector", "none runs on this store")]
    }
    guard !run.problems.isEmpty else {
      return [.ok(.collector, "collector", "runs since \(run.startedAt) without problems")]
    }
    return run.problems.map { problem in
      .warning(
        .collector, problem.subject, problem.message,
        meaning: "the running collector has met this \(problem.count) times since \(problem.since)",
        command: "millrace status")
    }
  }
}

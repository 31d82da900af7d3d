import FoundationEssentials
import Glibc
import MillraceConfiguration
import MillracePipeline
import MillraceRuntime
import MillraceSource

/// What `check --offline` found.
struct CheckFindings {
  /// One finding.
  struct Finding: Codable {
    enum Level: String, Codable {
      case ok
      case warning
      case failure
    }

    var level: Level
    var subject: String
    var message: String
    var fix: String

    /// `ok       store: …`
    var line: String {
      let head = level.rawValue + String(repeating: " ", count: 9 - level.rawValue.count)
      return head + subject + ": " + message + (fix.isEmpty ? "" : " (\(fix))")
    }
  }

  private(set) var all: [Finding] = []

  var hasFailure: Bool { all.contains { $0.level == .failure } }

  init(configuration: Configuration, path: String) {
    add(
      .ok, "configuration",
      "\(path): \(configuration.tenants.count) tenants, \(configuration.sinks.count) sinks")
    for warning in configuration.warnings {
      add(.warning, "configuration", warning.description)
    }
    for issue in configuration.secretIssues() {
      add(.warning, "secret", issue.description)
    }
    for tenant in configuration.tenants { check(tenant) }
    checkFolder(configuration.store.path, subject: "store")
    for sink in configuration.sinks { check(sink) }
  }

  /// The findings as a JSON array.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(all), as: UTF8.self)
    } catch {
      preconditionFailure("findings of strings are encodable: \(error)")
    }
  }

  private mutating func add(
    _ level: Finding.Level, _ subject: String, _ message: String, fix: String = ""
  ) {
    all.append(Finding(level: level, subject: subject, message: message, fix: fix))
  }

  private mutating func check(_ tenant: TenantConfiguration) {
    let subject = "tenant \(tenant.name)"
    do throws(CredentialError) {
      let inspection = try CredentialInspection(tenant, now: SystemWallClock().now())
      add(.ok, subject, "the \(inspection.kind) can be used")
      for warning in inspection.warnings { add(.warning, subject, warning) }
    } catch {
      add(.failure, subject, "\(error.subject): \(error.message)", fix: error.hint)
    }
  }

  private mutating func check(_ sink: SinkConfiguration) {
    let subject = "sink \(sink.name)"
    do throws(SetupError) {
      try Collector.checkBuilt(sink)
    } catch {
      add(.failure, subject, error.description)
      return
    }
    guard case .file(let file) = sink.settings else { return }
    let folder = file.path.description.split(
      separator: "/", omittingEmptySubsequences: false
    ).dropLast().prefix { !$0.contains("{") }
    checkFolder(folder.isEmpty ? "." : folder.joined(separator: "/") + "/", subject: subject)
  }

  /// Whether files can be made in a folder, or the folder itself can be made.
  private mutating func checkFolder(_ folder: String, subject: String) {
    var existing = folder
    var status = stat()
    while stat(existing, &status) != 0 {
      guard errno == ENOENT, let slash = existing.dropLast().lastIndex(of: "/") else {
        existing = errno == ENOENT ? "." : existing
        break
      }
      existing = slash == existing.startIndex ? "/" : String(existing[..<slash])
    }
    if stat(existing, &status) != 0 {
      add(.failure, subject, "\(existing): \(String(cString: strerror(errno)))")
    } else if status.st_mode & S_IFMT != S_IFDIR {
      add(.failure, subject, "\(existing) is not a folder", fix: "name another path")
    } else if access(existing, W_OK | X_OK) != 0 {
      add(
        .failure, subject, "\(existing) is not writable for this user",
        fix: "change its owner or mode, or name another path")
    } else {
      let isThere = existing == folder || existing + "/" == folder
      add(.ok, subject, isThere ? "\(folder) is writable" : "\(folder) can be created")
    }
  }
}

import Glibc
import MillraceConfiguration
import MillraceCore
import MillraceLocation
import MillracePipeline
import MillracePseudonyms
import MillraceRuntime
import MillraceSource

/// What the configuration says, and the files of the secrets it names.
extension Doctor {
  func configurationFindings() -> [Finding] {
    var findings: [Finding] = [
      .ok(
        .configuration, path,
        Counted.text(configuration.tenants.count, "tenant") + ", "
          + Counted.text(configuration.sinks.count, "sink"))
    ]
    findings += configuration.warnings.map { issue in
      .warning(.configuration, Doctor.place(of: issue), issue.message, fix: issue.hint)
    }
    let credentials =
      configuration.tenants.flatMap { credentialFindings($0) }
      + configuration.sinks.compactMap { pseudonymFinding($0) }
    findings += networkFindings() + locationFindings()
    // What keeps a tenant's secret from being read is a failure, and said as one.
    let said = credentials.filter { $0.level == .failure }.map(\.message)
    for issue in configuration.secretIssues()
    where !said.contains(where: { $0.contains(issue.description) })
      && !findings.contains(where: {
        $0.subject == Doctor.place(of: issue) && $0.message == issue.message
      })
    {
      let isCommand = issue.hint.hasPrefix("chmod ")
      findings.append(
        .warning(
          .secret, Doctor.place(of: issue), issue.message,
          meaning: isCommand ? "whoever reads the file has the secret" : "",
          fix: isCommand
            ? "let its owner alone read it"
            : issue.hint.isEmpty ? "make the file, or name the right one" : issue.hint,
          command: isCommand ? issue.hint : ""))
    }
    return findings + credentials
  }

  /// Whether the keys of a sink's pseudonyms can be used; nil when it has none.
  private func pseudonymFinding(_ sink: SinkConfiguration) -> Finding? {
    let subject = "sink \(sink.name)"
    do throws(SetupError) {
      guard let keys = try SinkFactory.pseudonymKeys(of: sink) else { return nil }
      let reveal = keys.reveal.map { "key \($0.id) turns them back" } ?? "nothing turns them back"
      return .ok(.secret, subject, "pseudonyms are made with key \(keys.key.id); \(reveal)")
    } catch {
      // Only what is not there is made: a key that is replaced makes all pseudonyms new.
      let missing = (sink.pseudonyms?.secrets ?? []).compactMap(\.filePath).first {
        access($0, F_OK) != 0
      }
      return .failure(
        .secret, subject, error.description,
        meaning: "without its keys the sink would show what it is to hide; nothing is delivered",
        fix: missing == nil
          ? "give it a key of its own; one that was used before makes the same pseudonyms, no other"
          : "make a key, and let its owner alone read it",
        command: missing.map {
          "(umask 077; openssl rand -base64 32 > \(ShellWord.quoted($0)))"
        } ?? "")
    }
  }

  /// Whether the files of the way to the service can be read, each told once.
  private func networkFindings() -> [Finding] {
    var told: Set<String> = []
    let networks = [configuration.network] + configuration.tenants.map(\.network)
    return networks.flatMap(\.files).compactMap { key, path in
      guard told.insert("\(key) \(path)").inserted, let problem = PEMFile.problem(path) else {
        return nil
      }
      return .failure(
        .tls, key, "\(path): \(problem)",
        meaning: "nothing that is reached through TLS can be reached with it",
        fix: "make the file, or name the right one")
    }
  }

  /// Whether the databases of places can be used.
  private func locationFindings() -> [Finding] {
    (configuration.location?.databases ?? []).map { key, path in
      let subject = "location.\(key)"
      do throws(LocationError) { try PlaceDatabases.check(path) } catch {
        return .warning(
          .location, subject, "\(path): \(error.reason)",
          meaning: "events go without what it would say until it is replaced",
          fix: "put the database there; it is read as soon as it is")
      }
      return .ok(.location, subject, "\(path) can be used")
    }
  }

  /// Whether the credential can be read, when it ends, and what can be seen to be wrong before it
  /// is used.
  private func credentialFindings(_ tenant: TenantConfiguration) -> [Finding] {
    let subject = "tenant \(tenant.name)"
    do throws(CredentialError) {
      let inspection = try CredentialInspection(tenant, now: clock.now())
      let end = inspection.ends.map { ", until \($0.day)" } ?? ""
      return [.ok(.secret, subject, "the \(inspection.kind) can be used\(end)")]
        + inspection.warnings.map {
          .warning(
            .secret, subject, $0, meaning: "the login service may refuse it, now or soon",
            fix: "correct it, or make a new one", command: "")
        }
    } catch {
      return [
        .failure(
          .secret, subject, "\(error.subject): \(error.message)",
          meaning: "without its credential the application cannot sign in",
          fix: error.hint.isEmpty ? "make it readable for the collector's user" : error.hint)
      ]
    }
  }
}

import MillraceConfiguration
import MillraceCore
import MillraceRuntime
import MillraceSource

/// Looks at every tenant's credential when a collector starts and once a day, so that what ends is
/// told weeks before it stands still, and what looks mistaken before the first request.
struct CredentialWatch: Sendable {
  let tenants: [TenantConfiguration]
  let clock: any WallClock
  let log: Log

  /// Watches until it is cancelled.
  func run() async {
    while !Task.isCancelled {
      look()
      do { try await Task.sleep(for: Limits.credentialWatchInterval) } catch { return }
    }
  }

  /// Looks once. A credential that cannot be read is no matter for here: the token request that
  /// fails for it says so.
  func look() {
    for tenant in tenants {
      guard let inspection = try? CredentialInspection(tenant, now: clock.now()) else { continue }
      for warning in inspection.warnings {
        log.warning(warning, ["tenant": tenant.name, "credential": inspection.kind])
      }
    }
  }
}

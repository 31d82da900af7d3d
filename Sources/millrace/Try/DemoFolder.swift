import Glibc
import MillraceSimulator

/// The folder of a demo: made anew each time, and recognized by a marker, so that nobody's own
/// files
/// are ever removed.
struct DemoFolder {
  private let path: String

  var eventsPath: String { path + "/events.ndjson" }
  var configurationPath: String { path + "/millrace.yaml" }
  private var secretPath: String { path + "/client.secret" }
  private var storePath: String { path + "/store" }
  private var markerPath: String { path + "/.millrace-demo" }

  /// Everything a demo makes, the marker last.
  private var made: [String] {
    ["millrace.db", "millrace.db-wal", "millrace.db-shm", "lock", "control.sock"].map {
      storePath + "/" + $0
    } + [eventsPath, configurationPath, secretPath]
  }

  /// Makes the folder, or empties one that an earlier demo made.
  init(_ path: String) throws(CommandFailure) {
    self.path = path
    if mkdir(path, 0o700) != 0 {
      guard errno == EEXIST else {
        throw CommandFailure(
          "\(path): \(String(cString: strerror(errno))); name another --folder", .failed)
      }
      guard access(markerPath, F_OK) == 0 else {
        throw CommandFailure(
          "\(path) exists and was not made by a demo; name another --folder", .failed)
      }
      for file in made { unlink(file) }
      rmdir(storePath)
    }
    try write("made by millrace demo, which may empty this folder\n", to: markerPath)
  }

  /// Writes a configuration for the simulated tenant, and the secret beside it; returns its path.
  func writeConfiguration(
    _ simulator: Simulator, consolePort: Int
  ) throws(CommandFailure) -> String {
    let tenant = SimulatedTenantOptions()
    try write(tenant.clientSecret + "\n", to: secretPath)
    try write(
      """
      # Written by millrace demo: one simulated tenant, one file.
      store:
        path: \(quoted(storePath))
      tenants:
        - id: \(tenant.tenantID)
          name: contoso
          client_id: \(tenant.clientID)
          credential:
            client_secret: \(quoted("file:" + secretPath))
          cloud:
            login: \(simulator.loginURL)
            api: \(simulator.baseURL)
            resource: https://manage.office.com
          requests_per_minute: 100000
      sinks:
        events:
          type: file
          path: \(quoted(eventsPath))
          format: native
      console:
        listen: 127.0.0.1:\(consolePort)

      """, to: configurationPath)
    return configurationPath
  }

  /// A YAML single-quoted scalar; `$` is doubled, as the configuration substitutes variables.
  private func quoted(_ text: String) -> String {
    var result = "'"
    for character in text {
      switch character {
      case "'": result += "''"
      case "$": result += "$$"
      default: result.append(character)
      }
    }
    return result + "'"
  }

  private func write(_ text: String, to file: String) throws(CommandFailure) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else {
      throw CommandFailure("\(file): \(String(cString: strerror(errno)))", .failed)
    }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw CommandFailure("\(file): \(String(cString: strerror(errno)))", .failed)
    }
  }
}

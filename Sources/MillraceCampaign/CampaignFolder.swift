import FoundationEssentials
import Glibc
import MillraceSimulator
import MillraceStore

/// The folder of a campaign: a configuration, the store, and what the two sinks write.
enum CampaignFolder {
  static let rawFile = "raw.ndjson"
  static let archive = "archive"
  static let configuration = "millrace.yaml"

  /// Makes a folder of its own inside `parent`, which is made as well when it is missing, though
  /// none above it: what is mistyped should not become a chain of folders.
  ///
  /// - Returns: the folder, and whether `parent` was made.
  static func make(
    in parent: String
  ) throws(CampaignFailure) -> (folder: String, isParentNew: Bool) {
    let isParentNew = mkdir(parent, 0o777) == 0
    guard isParentNew || errno == EEXIST else {
      throw CampaignFailure(
        "\(parent): \(String(cString: strerror(errno))); name another --folder")
    }
    var template = Array((parent + "/millrace-selftest-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw CampaignFailure(
        "no folder can be made in \(parent): \(String(cString: strerror(errno)))")
    }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    // A collector has another working folder.
    guard let resolved = realpath(path, nil) else {
      throw CampaignFailure("\(path): \(String(cString: strerror(errno)))")
    }
    defer { free(resolved) }
    return (String(cString: resolved), isParentNew)
  }

  /// Writes the configuration for a simulated tenant. Two sinks: one writes records as they came
  /// into one file, one native events, with the record in them, into a file for each feed and day.
  static func writeConfiguration(
    _ folder: String, simulator: Simulator
  ) throws(CampaignFailure) {
    let tenant = SimulatedTenantOptions()
    let text = """
      # Written by millrace selftest crash.
      store: {path: store}
      tenants:
        - id: \(tenant.tenantID)
          name: contoso
          client_id: \(tenant.clientID)
          credential: {client_secret: \(tenant.clientSecret)}
          cloud:
            login: \(simulator.loginURL)
            api: \(simulator.baseURL)
            resource: https://manage.office.com
          requests_per_minute: 100000
      sinks:
        raw: {type: file, path: \(rawFile), format: raw}
        archive:
          type: file
          path: \(archive)/{tenant}-{content_type}-{date}.ndjson
          raw: string

      """
    do {
      try text.write(
        toFile: folder + "/" + configuration, atomically: false, encoding: String.Encoding.utf8)
    } catch {
      throw CampaignFailure("\(folder)/\(configuration) cannot be written: \(error)")
    }
  }

  /// The names of the files of the sink `archive`, sorted; none before its first delivery.
  static func archiveFiles(_ folder: String) throws -> [String] {
    let path = folder + "/" + archive
    guard access(path, F_OK) == 0 else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
  }

  /// The size of a file whose path may be relative to the folder; nil when there is none.
  static func size(of path: String, in folder: String) -> Int? {
    var status = stat()
    guard stat(path.hasPrefix("/") ? path : folder + "/" + path, &status) == 0 else { return nil }
    return Int(status.st_size)
  }

  /// Removes the store, if there is one.
  static func removeStore(_ folder: String) throws(CampaignFailure) {
    guard access(folder + "/store", F_OK) == 0 else { return }
    try remove(folder + "/store")
  }

  /// Removes the folder and all that is in it.
  static func remove(_ folder: String) throws(CampaignFailure) {
    do {
      try FileManager.default.removeItem(atPath: folder)
    } catch {
      throw CampaignFailure("\(folder) cannot be removed: \(error)")
    }
  }
}

/// A campaign that could not be carried out, in words for an operator.
package struct CampaignFailure: Error, Sendable, CustomStringConvertible {
  /// What is wrong.
  package let description: String

  init(_ description: String) {
    self.description = description
  }
}

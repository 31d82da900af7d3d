import Foundation
import MillraceCore
import MillraceEvents

/// Why jq takes no part.
struct JQMissing: Error {
  let reason: String
}

/// jq picking 20 fields of each record, one line each, from a file.
enum JQWorkload {
  /// jq is slow enough for a part of the input to do.
  private static let bytesMax = 8_000_000

  private static let filter = """
    .[] | {CreationTime, Id, Operation, OrganizationId, RecordType, ResultStatus, UserKey, UserType,
    Workload, ClientIP, ObjectId, UserId, ApplicationId, ActorIpAddress, ClientIPAddress,
    ClientInfoString, UserAgent, SiteUrl, SourceFileName, ItemType}
    """

  static func make(_ corpus: Corpus) throws(JQMissing) -> Workload {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard
      let program = folders.map({ "\($0)/jq" })
        .first(where: FileManager.default.isExecutableFile(atPath:))
    else { throw JQMissing(reason: "jq is not installed: not compared") }
    var input = Data()
    var events = 0
    for (blob, scan) in zip(corpus.blobs, corpus.scans) where input.count < bytesMax {
      input.append(contentsOf: blob.bytes)
      events += scan.records.count
    }
    let folder: TemporaryFolder
    do {
      folder = try TemporaryFolder(in: FileManager.default.temporaryDirectory.path)
      try input.write(to: URL(fileURLWithPath: folder.path + "/input.json"))
    } catch {
      throw JQMissing(reason: "jq is not compared: \(error.localizedDescription)")
    }
    return Workload(name: "jq, 20 fields", bytes: input.count, events: events, roundsMax: 3) {
      // The folder is there for as long as the workload is.
      let (run, _) = try await Programs.run(program, ["-c", filter, folder.path + "/input.json"])
      return Sample(wallSeconds: run.wallSeconds, processorSeconds: run.processorSeconds)
    }
  }
}

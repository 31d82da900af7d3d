import Foundation
import MillraceRuntime

/// rsyslog: imfile, a queue of type Disk, mmjsonparse, a template, omfile.
struct RsyslogPeer: ProcessPeer {
  let name = "rsyslog, Disk queue"
  private let program: String
  private let modules: String
  private let libraries: String

  /// - Parameter root: `/`, or where packages were unpacked, as Debian's rsyslog and syslog-ng
  ///   cannot be installed side by side.
  init(root: String) throws(PeerMissing) {
    let root = root == "/" ? "" : root
    program = root + "/usr/sbin/rsyslogd"
    let files = FileManager.default
    guard files.isExecutableFile(atPath: program) else {
      throw PeerMissing(
        reason: "rsyslogd is not installed: not compared (apt-get download rsyslog liblognorm5 "
          + "libestr0 libfastjson4; dpkg -x each into FOLDER; --rsyslog FOLDER)")
    }
    let architectures = (try? files.contentsOfDirectory(atPath: root + "/usr/lib")) ?? []
    let folders = architectures.map { "\(root)/usr/lib/\($0)" }
    guard let folder = folders.first(where: { files.fileExists(atPath: $0 + "/rsyslog") }) else {
      throw PeerMissing(reason: "rsyslogd has no modules under \(root)/usr/lib: not compared")
    }
    libraries = folder
    modules = folder + "/rsyslog"
  }

  func start(_ input: PeerInput, folder: TemporaryFolder) async throws -> PeerRun {
    let child = try start(configuration(input.path, folder.path), folder: folder.path)
    return PeerRun(children: [child])
  }

  /// Starts it with a configuration in a folder.
  func start(_ configuration: String, folder: String) throws -> ChildProcess {
    try configuration.write(
      toFile: folder + "/rsyslog.conf", atomically: false, encoding: .utf8)
    return try Programs.start(
      program,
      ["-n", "-i", folder + "/rsyslog.pid", "-f", folder + "/rsyslog.conf", "-M", modules],
      folder: folder, more: ["LD_LIBRARY_PATH": libraries])
  }

  private func configuration(_ input: String, _ folder: String) -> String {
    let properties = Peers.fields.map { field in
      #"  property(outname="\#(field.name)" name="$!\#(field.member)" format="jsonf")"#
    }
    let raw = #"  property(outname="\#(Peers.rawName)" name="msg" format="jsonf")"#
    return """
      global(workDirectory="\(folder)" maxMessageSize="\(Peers.messageBytesMax)")
      module(load="imfile")
      module(load="mmjsonparse")
      template(name="event" type="list" option.jsonf="on") {
      \((properties + [raw]).joined(separator: "\n"))
      }
      ruleset(name="events" queue.type="Disk" queue.filename="events" queue.maxDiskSpace="8g"
        queue.maxFileSize="64m" queue.dequeueBatchSize="1024") {
        action(type="mmjsonparse" cookie="")
        action(type="omfile" file="\(folder)/\(Peers.output)" template="event"
          asyncWriting="off" ioBufferSize="256k" flushOnTXEnd="on")
      }
      input(type="imfile" file="\(input)" tag="record" ruleset="events" reopenOnTruncate="off")

      """
  }
}

import Glibc

extension SyslogDaemon {
  /// Where a daemon is: installed, or unpacked by packaging/install-test-receivers, as Debian's
  /// packages of the two exclude each other.
  struct Installation: Sendable {
    let kind: Kind
    let program: String
    let modules: String
    let libraries: String

    /// The one of this machine, else the unpacked one; nil when there is neither.
    init?(_ kind: Kind) {
      for root in ["", unpackedReceiver(kind.rawValue)] {
        self.init(kind, under: root)
        if isUsable { return }
      }
      return nil
    }

    private init(_ kind: Kind, under root: String) {
      self.kind = kind
      program = root + kind.program
      let architecture = ["x86_64-linux-gnu", "aarch64-linux-gnu"].first {
        access("\(root)/usr/lib/\($0)", X_OK) == 0
      }
      let folder = "\(root)/usr/lib/\(architecture ?? "")"
      modules = kind == .rsyslog ? folder + "/rsyslog" : root + "/usr/lib/syslog-ng/3.38"
      libraries = "\(folder):\(root)/usr/lib/syslog-ng:\(root)/lib/\(architecture ?? "")"
    }

    private var isUsable: Bool {
      // Without this module rsyslog has no TLS; it is a package of its own.
      let needed = kind == .rsyslog ? "/lmnsd_ossl.so" : "/libafsocket.so"
      return access(program, X_OK) == 0 && access(modules + needed, R_OK) == 0
    }
  }

  /// Whether a daemon can be had here.
  package static func isInstalled(_ kind: Kind) -> Bool { Installation(kind) != nil }
}

/// The folder that packaging/install-test-receivers unpacks a program into: in the package's own
/// folder for what was built, or where the environment says.
package func unpackedReceiver(_ name: String) -> String {
  if let folder = getenv("MILLRACE_TEST_RECEIVERS") {
    return String(cString: folder) + "/" + name
  }
  let package = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
  return package.joined(separator: "/") + "/.build/test-receivers/" + name
}

extension SyslogDaemon.Kind {
  fileprivate var program: String {
    switch self {
    case .rsyslog: "/usr/sbin/rsyslogd"
    case .syslogNG: "/usr/sbin/syslog-ng"
    }
  }

  /// What a skipped test says.
  package var absence: String {
    "\(rawValue) is neither installed nor unpacked: run packaging/install-test-receivers"
  }
}

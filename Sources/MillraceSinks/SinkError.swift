import Glibc

/// A delivery, or what belongs to one, that did not succeed. Nothing of the batch counts.
///
/// It never holds event bodies.
package struct SinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What a person has to see to.
  package enum Kind: String, CaseIterable, Sendable {
    /// The disk or the quota is full (ENOSPC, EDQUOT).
    case noSpace
    /// Millrace may not do this here (EACCES, EPERM).
    case permission
    /// The file system is mounted read-only (EROFS).
    case readOnly
    /// A folder of the path is missing, or is not a folder (ENOENT, ENOTDIR).
    case missingFolder
    /// Someone else renamed, replaced or created the file between two calls.
    case changedUnderneath
    /// The path names a folder, a symbolic link, a device or a pipe.
    case notRegular
    /// The path template cannot be right; only a changed configuration mends it.
    case badTemplate
    /// The receiver cannot be reached, or went away in the middle.
    case unreachable
    /// The receiver asks to be left alone for a while, or says that it is full.
    case busy
    /// The receiver refuses who Millrace is, where it sends to, or how; or is not who it should be.
    case rejected
    /// Anything else.
    case other
  }

  /// The sink's name.
  package let sink: String
  /// What was being done, such as `write` or `create folder`.
  package let operation: String
  /// What it was done to: a path.
  package let subject: String
  /// The name of the error number, such as `ENOSPC`; empty when there was none.
  package let code: String
  /// What happened, in words for an operator.
  package let message: String
  /// What the operator can do about it; empty when nothing needs doing.
  package let hint: String
  /// What a person has to see to.
  package let kind: Kind
  /// How long the receiver asks to be left alone; nil when it does not say.
  package let retryAfter: Duration?

  /// A failure of `operation` on `subject`.
  package init(
    sink: String, operation: String, subject: String, code: String = "", message: String,
    hint: String = "", kind: Kind, retryAfter: Duration? = nil
  ) {
    self.retryAfter = retryAfter
    self.sink = sink
    self.operation = operation
    self.subject = subject
    self.code = code
    self.message = message
    self.hint = hint
    self.kind = kind
  }

  /// Whether waiting alone may heal it. Otherwise a person has to act first, and trying again soon
  /// is in vain. The batch is kept in both cases: only who delivers gives up, when told to.
  package var isRetryable: Bool {
    switch kind {
    case .noSpace, .changedUnderneath, .unreachable, .busy, .other: true
    case .permission, .readOnly, .missingFolder, .notRegular, .badTemplate, .rejected: false
    }
  }

  /// One line: sink, operation, subject, code, message, hint.
  package var description: String { "sink \(sink): \(reason)" }

  /// The same without the sink, for places that name it already.
  package var reason: String {
    var text = "\(operation) \(subject): "
    if !code.isEmpty { text += code + ": " }
    text += message
    if !hint.isEmpty { text += " (" + hint + ")" }
    return text
  }
}

extension SinkError {
  /// A system call that failed with the error number `code`.
  init(sink: String, operation: String, subject: String, errorNumber code: Int32) {
    let (kind, hint) = SinkError.explanation(of: code)
    self.init(
      sink: sink, operation: operation, subject: subject, code: errorName(code),
      message: String(cString: strerror(code)), hint: hint, kind: kind)
  }

  private static func explanation(of code: Int32) -> (Kind, String) {
    switch code {
    case ENOSPC:
      (.noSpace, "free space on this file system; delivery goes on by itself")
    case EDQUOT:
      (.noSpace, "raise the quota or free space; delivery goes on by itself")
    case EACCES, EPERM:
      (.permission, "let the user Millrace runs as read and write the file and its folder")
    case EROFS:
      (.readOnly, "mount the file system read-write, or let the service write to this path")
    case ENOENT, ENOTDIR:
      (.missingFolder, "see that every part of the path before the last is a folder")
    case EEXIST, ESTALE:
      (.changedUnderneath, "")
    case ELOOP, EISDIR:
      (.notRegular, "remove what stands at this path, or choose another path")
    case EMFILE, ENFILE:
      (.other, "raise the limit of open files")
    case EIO:
      (.other, "look for disk errors in the kernel's log")
    case EFBIG:
      (.other, "put {date} or {hour} into the path, or raise the file size limit")
    case ENAMETOOLONG:
      (.other, "shorten the path or the tenant's name")
    default:
      (.other, "")
    }
  }
}

/// The symbolic name of an error number; `errno 123` for one that the file sink does not expect.
func errorName(_ code: Int32) -> String {
  switch code {
  case EACCES: "EACCES"
  case EBADF: "EBADF"
  case EDQUOT: "EDQUOT"
  case EEXIST: "EEXIST"
  case EFBIG: "EFBIG"
  case EINVAL: "EINVAL"
  case EIO: "EIO"
  case EISDIR: "EISDIR"
  case ELOOP: "ELOOP"
  case EMFILE: "EMFILE"
  case ENAMETOOLONG: "ENAMETOOLONG"
  case ENFILE: "ENFILE"
  case ENODEV: "ENODEV"
  case ENOENT: "ENOENT"
  case ENOMEM: "ENOMEM"
  case ENOSPC: "ENOSPC"
  case ENOTDIR: "ENOTDIR"
  case ENXIO: "ENXIO"
  case EPERM: "EPERM"
  case EPIPE: "EPIPE"
  case EROFS: "EROFS"
  case ESTALE: "ESTALE"
  case ETXTBSY: "ETXTBSY"
  default: "errno \(code)"
  }
}

import Glibc
import MillraceCore

/// A descriptor that others may share, written to without ever being stuck in a call: a task that
/// is cancelled stops waiting for the reader.
///
/// Whether calls wait is a property of the open file, which a shell and its other children share,
/// so it is not changed. A pipe is opened a second time, for this process alone; where that cannot
/// be, as much is written at once as a pipe takes without waiting once it is ready (PIPE_BUF,
/// pipe(7)).
final class PatientOutput {
  private enum Way {
    /// A file: writing never waits for anybody.
    case file
    /// Opened for this process, and never waiting.
    case own
    /// Somebody else's open file, whose calls may wait or not.
    case shared
    case socket
  }

  private let way: Way
  private let descriptor: OpenDescriptor

  /// - Throws: `SystemFailure` when the descriptor is none.
  init(_ descriptor: Int32) throws(SystemFailure) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemFailure(code: errno) }
    guard fcntl(descriptor, F_GETFL) & O_ACCMODE != O_RDONLY else {
      throw SystemFailure(code: EBADF)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG:
      way = .file
    case S_IFSOCK:
      way = .socket
    case S_IFIFO:
      let own = Glibc.open(
        "/proc/self/fd/\(descriptor)", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
      if own >= 0 {
        way = .own
        self.descriptor = OpenDescriptor(own) { _ = Glibc.close($0) }
        return
      }
      way = .shared
    default:
      way = .shared
    }
    // The caller's: it is not closed here.
    self.descriptor = OpenDescriptor(descriptor) { _ in }
  }

  /// Whether nobody will ever read what is written from now on.
  var isReaderGone: Bool {
    guard way != .file else { return false }
    var query = pollfd(fd: descriptor.number, events: 0, revents: 0)
    guard poll(&query, 1, 0) == 1 else { return false }
    return query.revents & Int16(POLLERR | POLLHUP) != 0
  }

  /// Writes all bytes, however long the reader takes. Gives how many were written, and why it ended
  /// when it was before the last: `ECANCELED` once the task is cancelled.
  func write(_ bytes: ArraySlice<UInt8>) -> (count: Int, failure: SystemFailure?) {
    bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let rest = UnsafeRawBufferPointer(rebasing: buffer[done...])
        do throws(SystemFailure) {
          done += try writeSome(rest)
        } catch {
          return (done, error)
        }
      }
      return (done, nil)
    }
  }

  /// Writes some bytes; none when the reader has to be waited for a while longer.
  private func writeSome(_ bytes: UnsafeRawBufferPointer) throws(SystemFailure) -> Int {
    if way == .shared, try !isReady() { return 0 }
    let number = descriptor.number
    let count =
      switch way {
      case .socket:
        send(number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
      case .shared:
        Glibc.write(number, bytes.baseAddress, min(bytes.count, Int(PIPE_BUF)))
      case .file, .own:
        Glibc.write(number, bytes.baseAddress, bytes.count)
      }
    if count > 0 { return count }
    let code = count == 0 ? EIO : errno
    if code == EINTR { return 0 }
    guard code == EAGAIN || code == EWOULDBLOCK else { throw SystemFailure(code: code) }
    _ = try isReady()
    return 0
  }

  /// Waits a while until something can be written.
  private func isReady() throws(SystemFailure) -> Bool {
    if Task.isCancelled { throw SystemFailure(code: ECANCELED) }
    var query = pollfd(fd: descriptor.number, events: Int16(POLLOUT), revents: 0)
    // What is wrong with the descriptor is said by the next write.
    return poll(&query, 1, Limits.stdoutPollMilliseconds) == 1
  }
}

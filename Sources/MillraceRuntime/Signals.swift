import CMillrace
import Glibc

/// Turns SIGTERM and SIGINT into calls: the first asks to drain and stop, the second to stop at
/// once. SIGHUP means what whoever watches makes of it.
package enum Signals {
  /// Starts watching; to be called once, early. `first` runs on a thread of its own at the first
  /// signal; at the second the process ends at once, with what a shell says of a process that this
  /// signal ended (130 or 143): durability never depends on a clean stop.
  ///
  /// - Parameter hangup: runs at each SIGHUP; without it the signal ends the process, as ever.
  package static func watch(
    hangup: (@Sendable () -> Void)? = nil,
    first: @escaping @Sendable (_ name: String) -> Void
  ) {
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0, "a process at its start has room for a pipe")
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    precondition(
      millrace_signals_to_descriptor(ends[1], hangup != nil) == 0, "handlers can be installed")
    let reading = ends[0]
    startThread(name: "signals") {
      var isFirst = true
      while true {
        var number: UInt8 = 0
        let count = read(reading, &number, 1)
        if count == -1 && errno == EINTR { continue }
        guard count == 1 else { return }
        if Int32(number) == SIGHUP {
          hangup?()
          continue
        }
        if !isFirst { _exit(128 + Int32(number)) }
        isFirst = false
        first(Int32(number) == SIGTERM ? "SIGTERM" : "SIGINT")
      }
    }
  }

  /// Ends the process as the system ends one that writes to a pipe without a reader: quietly, and
  /// at once.
  package static func endByBrokenPipe() -> Never {
    signal(SIGPIPE, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(SIGPIPE)
    // What a shell says of it, should the signal not have done.
    _exit(128 + SIGPIPE)
  }
}

/// What this process used at its peak.
package enum ProcessUsage {
  /// The largest resident set so far, in bytes (proc_pid_status(5), VmHWM).
  package static var residentBytesPeak: Int { Int(millrace_resident_bytes_peak()) }

  /// Keeps memory close to what is in use: few arenas of the allocator, and large buffers in
  /// mappings that go back when they are freed. To be called once, early.
  package static func boundMemory() { millrace_bound_memory() }

  /// Gives the system back what is free and lies between what is in use. To be called now and then.
  package static func trimMemory() { millrace_trim_memory() }
}

import Glibc
import MillraceRuntime
import MillraceSimulator

/// Waits for the moment at which a collector is to be killed, and kills it. On a thread of its own,
/// which nothing else keeps busy: some of the moments last less than a millisecond.
struct KillWatch {
  let child: ChildProcess
  let moment: KillMoment
  /// How long a run is expected to take.
  let runTime: Duration
  let simulator: Simulator
  let folder: String

  /// How often is looked.
  private static let pause: UInt32 = 150

  /// Returns once the child has ended: by the kill, or by itself before the moment came.
  func strike() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let watch = self
      startThread(name: "kill-watch") {
        watch.waitAndKill()
        continuation.resume()
      }
    }
    _ = await child.end()
  }

  private func waitAndKill() {
    let started = ContinuousClock.now
    switch moment {
    case .time(let part):
      wait { ContinuousClock.now - started >= runTime * part }
    case .asked(let request, let count, let then):
      let before = simulator.statistics.requests[request] ?? 0
      wait { (simulator.statistics.requests[request] ?? 0) - before >= count }
      rest(then)
    case .changed(let trace, let count, let then):
      let path = folder + "/" + trace.rawValue
      var last = FileLook(path)
      var changes = 0
      wait {
        let look = FileLook(path)
        if look != last { changes += 1 }
        last = look
        return changes >= count
      }
      rest(then)
    }
    child.signal(SIGKILL)
  }

  private func rest(_ duration: Duration) {
    let end = ContinuousClock.now + duration
    wait { ContinuousClock.now >= end }
  }

  private func wait(_ isThere: () -> Bool) {
    while child.isRunning, !isThere() { usleep(KillWatch.pause) }
  }
}

/// What tells that a file was written to.
private struct FileLook: Equatable {
  var size: Int = -1
  var seconds = 0
  var nanoseconds = 0

  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return }
    size = Int(status.st_size)
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}

import CMillrace
import Glibc

/// Starts a detached, named operating-system thread that runs `body` once.
///
/// Traps when the system refuses the thread: nothing can work without it.
package func startThread(name: String, _ body: @escaping @Sendable () -> Void) {
  let start = Unmanaged.passRetained(ThreadStart(name: name, body: body))
  var thread = pthread_t()
  let code = pthread_create(&thread, nil, runThread, start.toOpaque())
  precondition(code == 0, "the system gave no thread for \(name): error \(code)")
  pthread_detach(thread)
}

/// What a new thread needs to know.
private final class ThreadStart: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

/// The thread's entry point: a plain function, as a closure might keep an actor's isolation.
private func runThread(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let argument else { return nil }
  let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
  millrace_thread_set_name(start.name)
  start.body()
  return nil
}

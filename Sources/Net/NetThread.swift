internal import Glibc

/// A thread of the system for one long-lived body; it must be joined.
struct NetThread: Sendable {
  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private let thread: pthread_t

  /// Starts a thread. Traps when the system has no more threads to give.
  init(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    precondition(status == 0, "a thread could not be started")
    self.thread = thread
  }

  /// Waits until the body has returned.
  func join() { pthread_join(thread, nil) }
}

internal import Glibc

/// Work that blocks, such as reading a file, on a thread of its own: the threads of tasks are few.
enum DetachedThread {
  private final class Work: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Runs `body` on a new thread and returns its result; on this one when the system has no more.
  static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      let work = Work { continuation.resume(returning: body()) }
      let context = Unmanaged.passRetained(work)
      var thread = pthread_t()
      let code = pthread_create(
        &thread, nil,
        { argument in
          if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
          return nil
        }, context.toOpaque())
      if code == 0 {
        pthread_detach(thread)
      } else {
        context.takeRetainedValue().run()
      }
    }
  }
}

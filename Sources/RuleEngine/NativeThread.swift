import Glibc

/// A thread of the system with a stack of its own size; unless detached, it is joined before it goes away.
public final class NativeThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private var thread = pthread_t()
  private var isRunning = false

  /// Starts a thread. Eight MiB of stack fit Lua's C stack limit and the pattern matcher with room to spare.
  /// Traps when the system has no more threads to give.
  public init(stackBytes: Int = 8 << 20, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, stackBytes)
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    let status = pthread_create(
      &thread, &attributes,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    pthread_attr_destroy(&attributes)
    precondition(status == 0, "a thread could not be started")
    isRunning = true
  }

  /// Waits until the body has returned.
  public func join() {
    if isRunning { pthread_join(thread, nil) }
    isRunning = false
  }

  /// Lets the thread end by itself, whenever that is; nothing waits for it any more.
  public func detach() {
    if isRunning { pthread_detach(thread) }
    isRunning = false
  }

  deinit { join() }
}

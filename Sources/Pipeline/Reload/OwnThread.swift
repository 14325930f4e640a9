import Glibc
import RuleEngine

/// Work that takes its time, on a thread of its own: it may block, and must not hold up those that many share.
enum OwnThread {
  /// Runs `body` on a new thread and returns its result.
  ///
  /// `niceness` lets it step back behind the engine when both want the same processor.
  static func run<Result: Sendable>(
    niceness: Int32 = 0, _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      let thread = NativeThread {
        // On Linux this is of the calling thread alone. That it may fail does not matter.
        if niceness > 0 { setpriority(Int32(PRIO_PROCESS.rawValue), 0, niceness) }
        continuation.resume(returning: body())
      }
      thread.detach()
    }
  }
}

import Journal
import NIOCore
import NIOPosix
import Synchronization

/// Reads the journal on a few threads of its own: SQLite blocks, and the threads that serve requests must not.
final class StoreReaders: Sendable {
  private let path: String
  private let threads: NIOThreadPool
  private let idle = Mutex<[Lent]>([])
  private let mostWaiting: Int
  private let waiting = Atomic<Int>(0)

  /// Too many wait already.
  struct Busy: Error {}

  /// `@unchecked Sendable`: whoever took it from `idle` is the only one that has it.
  private struct Lent: @unchecked Sendable {
    var reader: JournalReader
  }

  /// Starts the threads; the journal may not be there yet. When `mostWaiting` wait, more are turned away.
  init(path: String, threads count: Int = 2, mostWaiting: Int = .max) {
    self.path = path
    self.mostWaiting = mostWaiting
    threads = NIOThreadPool(numberOfThreads: count)
    threads.start()
  }

  /// Runs `body` with a reader.
  func read<Result: Sendable>(
    _ body: @escaping @Sendable (JournalReader) throws -> Result
  ) async throws -> Result {
    let others = waiting.add(1, ordering: .relaxed).oldValue
    defer { waiting.subtract(1, ordering: .relaxed) }
    if others >= mostWaiting { throw Busy() }
    return try await threads.runIfActive { try self.withReader(body) }
  }

  /// Runs `body` with a reader, for those who live on an event loop.
  func read<Result: Sendable>(
    on loop: any EventLoop, _ body: @escaping @Sendable (JournalReader) throws -> Result
  ) -> EventLoopFuture<Result> {
    threads.runIfActive(eventLoop: loop) { try self.withReader(body) }
  }

  private func withReader<Result>(_ body: (JournalReader) throws -> Result) throws -> Result {
    let lent = try idle.withLock { $0.popLast() } ?? Lent(reader: JournalReader(path: path))
    let result = try body(lent.reader)
    // One that failed is not used again.
    idle.withLock { $0.append(lent) }
    return result
  }

  /// Ends the threads, and closes what is open.
  func shutdown() async {
    try? await threads.shutdownGracefully()
    idle.withLock { $0 = [] }
  }
}

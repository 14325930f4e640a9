import Feeds
import RuleEngine
import Wire

/// Reads and scans an input on a thread of its own, a few batches ahead of the engine.
final class InputThread {
  private let full = BoundedQueue<InputBatch>(limit: InputThread.ahead)
  private let empty = BoundedQueue<InputBatch>(limit: InputThread.ahead)
  private var current: InputBatch?
  private var thread: NativeThread?

  /// Batches in flight.
  private static var ahead: Int { 8 }

  /// Opens an input (`-` is standard input) and begins to read. Throws when it cannot be opened.
  init(path: String, batchSize: Int) throws(FeedError) {
    let source = try ByteSource(path: path)
    for _ in 0..<InputThread.ahead { empty.send(InputBatch(capacity: batchSize)) }
    let (full, empty) = (full, empty)
    let feed = FeedBox(FileFeed(source))
    thread = NativeThread {
      InputThread.read(feed, batchSize, full, empty)
      full.close()
    }
  }

  deinit {
    full.close()
    empty.close()
    // Not joined: it may be waiting for a pipe that nobody writes to. It ends with its next batch, and owns
    // everything it uses.
    thread?.detach()
  }

  /// Hands the feed to its thread. `@unchecked Sendable`: only that thread uses it.
  private final class FeedBox: @unchecked Sendable {
    var feed: FileFeed
    init(_ feed: consuming FileFeed) { self.feed = feed }
  }

  private static func read(
    _ box: FeedBox, _ batchSize: Int, _ full: BoundedQueue<InputBatch>, _ empty: BoundedQueue<InputBatch>
  ) {
    var scanned = OrderBatch(capacity: batchSize)
    while let batch = empty.receive() {
      batch.removeAll()
      do throws(FeedError) {
        batch.isLast = try !box.feed.next(into: &scanned)
        batch.take(scanned, skipped: box.feed.counters.skipped, bytesRead: box.feed.bytesRead)
      } catch {
        batch.failure = error
        batch.isLast = true
      }
      let isLast = batch.isLast
      if !full.send(batch) || isLast { return }
    }
  }

  /// The next batch, valid until the next call; nil at the end. Throws when the input breaks off.
  func next() throws(FeedError) -> InputBatch? {
    if let used = current {
      current = nil
      if let failure = used.failure { throw failure }
      if used.isLast { return nil }
      empty.send(used)
    }
    current = full.receive()
    return current
  }
}

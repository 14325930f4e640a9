import COrderFlow
import Logging
import NIOPosix
import OrderFlow
import Wire

/// Recorded flow as a feed: at its own pace, faster, or as fast as the engine takes it.
final class RecordingFeed: Feed {
  let name: String
  private let settings: FileSettings
  private let board: FeedBoard
  private let log: Logger

  init(name: String, settings: FileSettings, board: FeedBoard, log: Logger) {
    self.name = name
    self.settings = settings
    self.board = board
    self.log = log
  }

  /// Hands the file from one thread of the pool to the next. `@unchecked Sendable`: one read is under way at a
  /// time, and its end orders it before the next.
  private final class Reader: @unchecked Sendable {
    private var feed: FileFeed
    private var batch = OrderBatch(capacity: 256)

    init(path: String) throws(FeedError) { feed = try FileFeed(path: path) }

    /// The next orders; nil at the end. None when a pipe is silent, so that a cancelled feed does not wait for it.
    func next() throws(FeedError) -> RowBatch? {
      guard try feed.next(into: &batch, patience: 200) || batch.count > 0 || !batch.deadLetters.isEmpty else {
        return nil
      }
      let rows = RowBatch(capacity: batch.count)
      rows.append(UnsafeBufferPointer(batch.orders))
      rows.deadLetters = batch.deadLetters
      return rows
    }
  }

  func run(into outlet: any FeedOutlet) async throws(FeedError) {
    do {
      var number: UInt32 = 0
      var shift: Int64 = 0
      while let span = try await play(number, shift, into: outlet), settings.loops {
        // The next time through follows a second behind this one.
        number += 1
        shift += span.upperBound - span.lowerBound + 1000
      }
    } catch let failure as FeedError {
      board.update { status in
        status.state = .failed
        status.lastError = failure.description
      }
      throw failure
    } catch {
      // Cancelled: nobody takes any more.
    }
    board.update { status in
      status.state = .finished
      status.connectedSince = nil
    }
  }

  /// Plays the recording once, every time moved by `shift` (ms); returns the times it spans, nil without an order.
  private func play(
    _ number: UInt32, _ shift: Int64, into outlet: any FeedOutlet
  ) async throws -> ClosedRange<Int64>? {
    let reader = try Reader(path: settings.path)
    board.update { status in
      status.state = .live
      status.connectedSince = status.connectedSince ?? FeedClock.wall()
    }
    let started = FeedClock.now()
    var start: Int64?
    var span: ClosedRange<Int64>?
    while let rows = try await NIOThreadPool.singleton.runIfActive({ try reader.next() }) {
      try Task.checkCancellation()
      if rows.count == 0, rows.deadLetters.isEmpty { continue }
      for order in rows.orders {
        let known = span ?? order.time...order.time
        span = min(known.lowerBound, order.time)...max(known.upperBound, order.time)
      }
      note(rows)
      rows.mark(source: board.source, shift: shift, round: number)
      if let speed = settings.speed, let first = rows.orders.first {
        let begin = start ?? first.time
        start = begin
        try await pace(rows, from: begin, at: started, speed, outlet)
      } else {
        try await outlet.send(.rows(rows))
      }
    }
    return span
  }

  private func note(_ rows: RowBatch) {
    board.update { status in
      status.messages += UInt64(rows.count + rows.deadLetters.count)
      if rows.count > 0 { status.lastPayload = FeedClock.wall() }
    }
  }

  /// Sends the orders of a batch when their time has come, those of one second together.
  private func pace(
    _ rows: RowBatch, from start: Int64, at origin: UInt64, _ speed: Double, _ outlet: any FeedOutlet
  ) async throws {
    let orders = rows.orders
    var from = 0
    var letters = rows.deadLetters
    while from < orders.count || !letters.isEmpty {
      var to = from
      while to < orders.count, orders[to].time <= orders[from].time { to += 1 }
      if from < orders.count {
        let due = Double(max(0, orders[from].time - start)) * 1_000_000 / speed
        let moment = origin + UInt64(min(due, 1e18))
        let now = FeedClock.now()
        if moment > now { try await Task.sleep(nanoseconds: moment - now) }
      }
      let part = RowBatch(capacity: max(to - from, 1))
      part.append(UnsafeBufferPointer(rebasing: UnsafeBufferPointer(orders)[from..<to]))
      part.source = board.source
      part.deadLetters = letters
      letters = []
      try await outlet.send(.rows(part))
      from = to
    }
  }
}

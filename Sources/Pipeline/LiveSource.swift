import COrderFlow
import Feeds
import OrderFlow
import Wire

/// The engine's side of a feed: scans its messages, one after another.
final class LiveSource {
  let board: FeedBoard
  private let scanner: MessageScanner

  /// `name` is what dead letters carry; unique to this run, since they are kept once for each place in an input.
  init(board: FeedBoard, name: String) {
    self.board = board
    scanner = MessageScanner(source: name)
  }

  /// Scans messages and hands over their orders and dead letters, some at a time.
  func scan(_ messages: some Sequence<FeedMessage>, _ body: (RowBatch) -> Void) {
    for message in messages { scanner.append(message.bytes) }
    scanner.drain { batch in
      let rows = RowBatch(capacity: batch.count)
      rows.append(UnsafeBufferPointer(batch.orders))
      for place in 0..<rows.count { rows.orders[place].source = board.source }
      rows.source = board.source
      rows.deadLetters = batch.deadLetters
      body(rows)
    }
  }
}

import Feeds
import NIOCore
import Wire

/// Finds the orders in the messages of one stream; a message that is cut never swallows the next.
final class MessageScanner {
  private let source: String
  private var scanner: OrderScanner
  private var batch = OrderBatch()
  private var appended: UInt64 = 0
  /// Lines and bytes of the scanners before this one, so that places in the stream stay unique.
  private var lines: UInt64 = 0
  private var linesBefore: UInt64 = 0
  private var bytesBefore: UInt64 = 0

  /// `source` is what dead letters carry.
  init(source: String = "") {
    self.source = source
    scanner = OrderScanner(ScannerOptions(source: source))
  }

  /// Adds a message, which ends where its frame does, whatever is in it.
  func append(_ message: ByteBuffer) {
    message.withUnsafeReadableBytes { scanner.append($0) }
    withUnsafeBytes(of: UInt8(ascii: "\n")) { scanner.append($0) }
    appended += UInt64(message.readableBytes) + 1
    lines += 1
  }

  /// Hands over the orders and dead letters of what was added, some at a time.
  func drain<Failure: Error>(_ body: (borrowing OrderBatch) throws(Failure) -> Void) throws(Failure) {
    try take(body)
    if scanner.isBetweenMessages { return }
    // The last message was cut: it is judged now, and the next one begins afresh.
    scanner.finish()
    try take(body)
    scanner = OrderScanner(ScannerOptions(source: source))
    bytesBefore += appended
    linesBefore += lines
    appended = 0
    lines = 0
  }

  private func take<Failure: Error>(
    _ body: (borrowing OrderBatch) throws(Failure) -> Void
  ) throws(Failure) {
    while true {
      let state = scanner.next(into: &batch)
      if batch.count > 0 || !batch.deadLetters.isEmpty {
        if bytesBefore > 0 { batch.moveDeadLetters(lines: linesBefore, bytes: bytesBefore) }
        try body(batch)
      }
      if state != .more { return }
    }
  }
}

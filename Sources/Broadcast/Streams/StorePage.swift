import Journal
import NIOCore
import OrderFlow

/// The next signals of a subscriber that is behind, as read from the journal.
struct StorePage: Sendable {
  /// What is to be sent; empty when nothing passed the filter.
  var bytes: ByteBuffer
  /// Everything up to this number is in it, or did not pass.
  var reached: Int64
  /// Signals in it.
  var count = 0

  /// How many signals a page has at most.
  static let mostSignals = 32
  /// How many numbers a page looks at.
  static let scan: Int64 = 8192

  /// Reads a page; blocks.
  static func read(
    _ reader: JournalReader, _ request: StreamRequest, _ kind: StreamKind, after cursor: Int64, mostBytes: Int
  ) throws(JournalError) -> StorePage {
    var page = StorePage(bytes: ByteBuffer(), reached: cursor)
    let range = try reader.signalRange()
    if let range, cursor < range.lowerBound - 1 {
      let payload = StreamEncoding.truncated(after: cursor, oldest: range.lowerBound)
      StreamEncoding.append(
        payload, type: "truncated", number: range.lowerBound - 1, as: kind, to: &page.bytes)
      page.reached = range.lowerBound - 1
    }
    let found = try reader.page(
      of: request.filter,
      PageRequest(after: page.reached, isNewestFirst: false, limit: mostSignals, scan: scan))
    for numbered in found.rows {
      if page.bytes.readableBytes >= mostBytes { return page }
      StreamEncoding.append(
        StreamEncoding.payload(numbered), type: "signal", number: numbered.number, as: kind, to: &page.bytes)
      page.reached = numbered.number
      page.count += 1
    }
    page.reached = found.reached ?? page.reached
    return page
  }
}

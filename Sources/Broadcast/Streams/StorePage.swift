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

  /// Reads a page; blocks. Everything up to `floor` is stored, or was deleted.
  static func read(
    _ reader: JournalReader, _ request: StreamRequest, _ kind: StreamKind, after cursor: Int64, floor: Int64,
    mostBytes: Int
  ) throws -> StorePage {
    try reader.atOneMoment { reader in
      var page = StorePage(bytes: ByteBuffer(), reached: cursor)
      let range = try reader.signalRange()
      if let range, cursor < range.lowerBound - 1 { page.skip(to: range.lowerBound - 1, kind) }
      let found = try reader.page(
        of: request.filter,
        PageRequest(after: page.reached, isNewestFirst: false, limit: mostSignals, scan: scan))
      for numbered in found.rows {
        if page.bytes.readableBytes >= mostBytes { return page }
        page.append(numbered, kind)
      }
      page.reached = found.reached ?? page.reached
      // What the newest ones were may be deleted too.
      if found.next == nil, page.reached < floor { page.skip(to: floor, kind) }
      return page
    }
  }

  private mutating func append(_ numbered: NumberedSignal, _ kind: StreamKind) {
    StreamEncoding.append(
      StreamEncoding.payload(numbered), type: "signal", number: numbered.number, as: kind, to: &bytes)
    reached = numbered.number
    count += 1
  }

  /// Says that what lies in between is not there any more.
  private mutating func skip(to number: Int64, _ kind: StreamKind) {
    let payload = StreamEncoding.truncated(after: reached, oldest: number + 1)
    StreamEncoding.append(payload, type: "truncated", number: number, as: kind, to: &bytes)
    reached = number
  }
}

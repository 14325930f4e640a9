import Journal
import NIOCore

/// Some signals in a row as one piece of bytes.
struct StreamBatch: Sendable {
  /// What is to be sent; nil when nothing passed the filter.
  var bytes: ByteBuffer?
  /// Everything up to this number is in it, or did not pass.
  var reached: Int64
  /// Signals in it.
  var count = 0

  /// The next signals of a window behind a number, until they are `mostBytes` or more.
  init(
    _ window: StreamWindow, after number: Int64, _ filter: SignalFilter, _ kind: StreamKind, mostBytes: Int
  ) {
    reached = number
    var place = window.place(after: number)
    var size = 0
    while place < window.entries.count, size < mostBytes {
      let entry = window.entries[place]
      place += 1
      reached = entry.number
      guard filter.matches(entry.signal) else { continue }
      var frame = entry.frame(kind)
      size += frame.readableBytes
      count += 1
      // A signal alone needs no copy: all subscribers share its bytes.
      guard var whole = bytes else {
        bytes = frame
        continue
      }
      if count == 2 {
        var buffer = ByteBufferAllocator().buffer(capacity: mostBytes + frame.readableBytes)
        buffer.writeBuffer(&whole)
        whole = buffer
      }
      bytes = nil
      whole.writeBuffer(&frame)
      bytes = whole
    }
  }
}

/// Makes a batch once for all subscribers that want the same; good for one window.
struct BatchMaker {
  let window: StreamWindow
  private let mostBytes: Int
  private var known: (after: Int64, filter: SignalFilter, kind: StreamKind, batch: StreamBatch)?

  init(_ window: StreamWindow, mostBytes: Int) {
    self.window = window
    self.mostBytes = mostBytes
  }

  mutating func batch(after number: Int64, _ filter: SignalFilter, _ kind: StreamKind) -> StreamBatch {
    if let known, known.after == number, known.kind == kind, known.filter == filter { return known.batch }
    let batch = StreamBatch(window, after: number, filter, kind, mostBytes: mostBytes)
    known = (number, filter, kind, batch)
    return batch
  }
}

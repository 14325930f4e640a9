internal import CScan
internal import OrderFlow

/// Finds the orders in a stream of bytes, in any of the formats of Dome and Polymarket.
///
/// The stream is NDJSON, one array, or pretty-printed documents, told apart by looking.
/// Give it blocks of any size with `append` or `fill`, call `next` until it needs more, and call `finish` at
/// the end:
///
///     while true {
///       switch scanner.next(into: &batch) {
///       case .more: handle(batch)
///       case .needsInput: handle(batch); scanner.fill { file.read(into: $0) }
///       case .end: handle(batch); return
///       }
///     }
///
/// A message it cannot take becomes a dead letter and never stops it. Where the input is no JSON, one line is
/// rejected and the next line is tried. Memory is bounded whatever comes in.
public struct OrderScanner: ~Copyable {
  /// What a step of scanning ended in.
  enum Step {
    case go, full, starved, end
  }

  /// Where in the input it is.
  enum Place {
    /// Before the first byte.
    case start
    /// Between messages, one after another.
    case lines
    /// Inside an array that is too long to be seen as a whole.
    case array(ArrayPlace)
  }

  /// Where in such an array.
  enum ArrayPlace {
    case first, afterValue, afterComma, afterFault, closed
  }

  /// What was seen so far.
  public var counters: ScanCounters {
    var result = counts
    result.bytes = window.offset
    return result
  }

  var counts = ScanCounters()
  var window = InputWindow()
  var reader: MessageReader
  var walk = MessageWalk()
  var place = Place.start
  /// Whether the rest of the line is to be dropped.
  var isDropping = false
  /// Line of `window.head`, from 1.
  var line: UInt64 = 1
  /// A long message that was cut is tried again when this many bytes of it are there.
  var retryAt = 0
  let source: String
  let maximum: Int

  /// A scanner at the beginning of an input.
  public init(_ options: ScannerOptions = ScannerOptions()) {
    source = options.source
    maximum = max(options.maximumMessageBytes, 64)
    reader = MessageReader(exchanges: options.exchanges, speculates: options.speculates)
  }

  /// Adds a copy of these bytes to the input. The texts of earlier orders are no longer valid.
  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0, !window.isFinished else { return }
    _ = window.fill(block: bytes.count) { (space: UnsafeMutableRawBufferPointer) -> Int in
      space.copyMemory(from: bytes)
      return bytes.count
    }
  }

  /// Adds what `read` writes, at most `block` bytes, and returns its count; 0 ends the input.
  ///
  /// The texts of earlier orders are no longer valid.
  @discardableResult
  public mutating func fill<Failure: Error>(
    block: Int = 1 << 18, _ read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Int {
    if window.isFinished { return 0 }
    return try window.fill(block: max(block, 1), read)
  }

  /// Whether everything that came in so far is done with, so that nothing of it waits for what follows.
  public var isBetweenMessages: Bool {
    if case .array = place { return false }
    return window.remaining == 0 && !walk.isActive && !isDropping
  }

  /// Says that the input has ended.
  public mutating func finish() { window.finish() }

  /// Empties the batch and fills it with the orders and dead letters that come next.
  ///
  /// The batch may hold something whatever the result. Texts of earlier orders are no longer valid.
  public mutating func next(into batch: inout OrderBatch) -> ScanState {
    batch.removeAll()
    reader.texts.arena.used = 0
    var step = Step.go
    while step == .go {
      if batch.isFull || reader.texts.arena.isLow {
        step = .full
      } else if walk.isActive {
        step = continueWalk(&batch)
      } else if isDropping {
        step = dropLine()
      } else {
        switch place {
        case .start: step = skipByteOrderMark()
        case .lines: step = scanLines(&batch)
        case .array(let inside): step = scanArray(inside, &batch)
        }
      }
    }
    switch step {
    case .go, .full: return .more
    case .starved: return .needsInput
    case .end: return .end
    }
  }

  private mutating func skipByteOrderMark() -> Step {
    if window.remaining < 3, !window.isFinished { return .starved }
    let head = window.head
    // The padding makes three bytes readable whatever is there.
    if head[0] == 0xEF, head[1] == 0xBB, head[2] == 0xBF { window.advance(to: head + 3) }
    place = .lines
    return .go
  }

  private mutating func dropLine() -> Step {
    guard let newline = bbscan_newline(window.head, window.remaining) else {
      window.advance(to: window.tail)
      if !window.isFinished { return .starved }
      isDropping = false
      return .go
    }
    window.advance(to: newline + 1)
    line += 1
    isDropping = false
    return .go
  }
}

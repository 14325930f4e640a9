internal import CScan
internal import OrderFlow

extension OrderScanner {
  /// What follows a message on its line.
  enum Rest {
    /// Nothing; the next line begins at `next`, or the input ends there.
    case clear(next: BytePointer)
    case unknown
    case text
  }

  // Blanks after a message are held in memory together with it.
  private static let maximumBlanks = 1 << 16

  /// Reads messages one after another until something takes more care.
  mutating func scanLines(_ batch: inout OrderBatch) -> Step {
    while !batch.isFull, !reader.texts.arena.isLow {
      let start = window.head
      if start.pointee == Byte.openBrace, retryAt == 0,
        let end = reader.speculate(start, depth: 0, isRow: false, batch.slot), end - start <= maximum
      {
        let next: BytePointer
        if end.pointee == Byte.newline {
          next = end + 1
        } else {
          switch rest(after: end) {
          case .clear(let place): next = place
          case .unknown: return wait()
          case .text: return rejectLine(reason: OrderScanner.moreText, &batch)
          }
        }
        accept(start, line: line, &batch)
        line &+= reader.newlines &+ ((next - 1).pointee == Byte.newline ? 1 : 0)
        window.advance(to: next)
      } else {
        return scanAnyMessage(&batch)
      }
    }
    return .full
  }

  static let moreText = "more text after the message: there must be one message a line"

  @inline(__always)
  mutating func accept(_ start: BytePointer, line: UInt64, _ batch: inout OrderBatch) {
    batch.accept(offset: window.offset &+ UInt64(truncatingIfNeeded: start - window.head), line: line)
    counts.orders &+= 1
  }

  /// Reads one message or element of any kind, or the white space before it.
  @inline(never)
  mutating func scanAnyMessage(_ batch: inout OrderBatch) -> Step {
    skipSpace()
    if window.remaining == 0 { return window.isFinished ? .end : .starved }
    if isTooEarly { return .starved }
    retryAt = 0
    let start = window.head
    let depth = isInArray ? 1 : 0
    switch start.pointee {
    case Byte.openBrace:
      switch reader.object(start, depth: depth, isRow: false, batch.slot) {
      case .broken: return handleBroken(&batch)
      case .order(let end):
        return complete(end, &batch) { scanner, batch in scanner.accept(start, line: scanner.line, &batch) }
      case .skipped(let end):
        return complete(end, &batch) { scanner, _ in scanner.counts.skipped += 1 }
      case .faulty(let end, let reason):
        return complete(end, &batch) { scanner, batch in
          scanner.reject(start, end, line: scanner.line, reason: reason, &batch)
        }
      case .page(let end, let rows):
        return complete(end, &batch) { scanner, _ in
          scanner.walk.begin(rows - start, isRows: true, resume: end - start)
        }
      }
    case Byte.openBracket:
      guard let end = reader.texts.json.value(start, depth: depth) else { return handleBroken(&batch) }
      return complete(end, &batch) { scanner, _ in scanner.walk.begin(0, isRows: false, resume: end - start) }
    default:
      guard let end = reader.texts.json.value(start, depth: depth) else { return handleBroken(&batch) }
      return complete(end, &batch) { scanner, batch in
        let reason =
          "a message must be an object or an array, not \(ValueKind(firstByte: start.pointee).words)"
        scanner.reject(start, end, line: scanner.line, reason: reason, &batch)
      }
    }
  }

  /// Does `action` with a message that ends at `end`, when nothing else is on its line, and goes on after it.
  private mutating func complete(
    _ end: BytePointer, _ batch: inout OrderBatch, _ action: (inout OrderScanner, inout OrderBatch) -> Void
  ) -> Step {
    let start = window.head
    if end - start > maximum { return handleTooLong(&batch) }
    switch isInArray ? restOfElement(end) : rest(after: end) {
    case .unknown: return wait()
    case .text: return rejectLine(reason: OrderScanner.moreText, &batch)
    case .clear(let next):
      let lines = bbscan_newlines(start, next - start)
      action(&self, &batch)
      if walk.isActive {
        walk.prepare(end: next - start, line: line, lines: lines, isInArray: isInArray)
      } else {
        window.advance(to: next)
        line += lines
        if isInArray { place = .array(.afterValue) }
      }
      return .go
    }
  }

  private var isInArray: Bool {
    if case .array = place { return true }
    return false
  }

  /// Anything may follow an element, but a number at the end of what is there may go on.
  private func restOfElement(_ end: BytePointer) -> Rest {
    end == window.tail && !window.isFinished && Byte.isDigit((end - 1).pointee) ? .unknown : .clear(next: end)
  }

  private func rest(after end: BytePointer) -> Rest {
    var at = end
    while Byte.isSpace(at.pointee), at.pointee != Byte.newline, at - end < OrderScanner.maximumBlanks {
      at += 1
    }
    if at.pointee == Byte.newline { return .clear(next: at + 1) }
    if at < window.tail || at - end >= OrderScanner.maximumBlanks { return .text }
    return window.isFinished ? .clear(next: at) : .unknown
  }

  /// Goes past white space, counting lines.
  mutating func skipSpace() {
    var at = window.head
    while Byte.isSpace(at.pointee) {
      if at.pointee == Byte.newline { line += 1 }
      at += 1
    }
    window.advance(to: at)
  }
}

internal import CScan
internal import OrderFlow

extension OrderScanner {
  /// Bytes of a message that a dead letter keeps.
  static let keptBytes = 4096

  /// Adds a dead letter for the message or element from `start` to `end`.
  mutating func reject(
    _ start: BytePointer, _ end: BytePointer, line: UInt64, reason: String, _ batch: inout OrderBatch
  ) {
    let count = min(max(end - start, 0), OrderScanner.keptBytes)
    let offset = window.offset + UInt64(truncatingIfNeeded: start - window.head)
    batch.deadLetters.append(
      DeadLetter(
        source: source, line: line, offset: offset, reason: reason,
        text: Array(UnsafeBufferPointer(start: start, count: count))))
    counts.rejected += 1
  }

  /// Rejects from the head to the end of its line, and drops that line.
  mutating func rejectLine(reason: String, _ batch: inout OrderBatch) -> Step {
    let newline = bbscan_newline(window.head, window.remaining)
    // With one byte more than is kept, a carriage return at the end is seen as such however the input is cut.
    if newline == nil, window.remaining <= OrderScanner.keptBytes, !window.isFinished { return .starved }
    var end = newline ?? window.tail
    if end > window.head, newline != nil || window.isFinished, (end - 1).pointee == Byte.carriageReturn {
      end -= 1
    }
    reject(window.head, end, line: line, reason: reason, &batch)
    isDropping = true
    retryAt = 0
    if case .array(let inside) = place, inside != .closed { place = .array(.afterFault) }
    return .go
  }

  /// What to do when the message at the head is no JSON as far as it is there.
  ///
  /// Waits for more when it may only be cut; else one line is rejected, since the next may be whole again.
  mutating func handleBroken(_ batch: inout OrderBatch) -> Step {
    let fault = reader.texts.json.faultAt ?? window.head
    let isCut = fault >= window.tail
    if fault - window.head >= maximum { return handleTooLong(&batch) }
    if isCut, !window.isFinished { return wait() }
    let newline = bbscan_newline(window.head, min(max(fault - window.head, 0), window.remaining))
    let reason: String
    if newline != nil {
      reason = "not JSON: the line ends inside a value"
    } else if isCut {
      reason = "not JSON: the input ends inside a value"
    } else {
      reason = "not JSON: \(reader.texts.json.fault.words), at byte \(fault - window.head) of the message"
    }
    return rejectLine(reason: reason, &batch)
  }

  /// An array around everything may be of any length: it is then taken element by element.
  mutating func handleTooLong(_ batch: inout OrderBatch) -> Step {
    if case .lines = place, window.head.pointee == Byte.openBracket {
      window.advance(to: window.head + 1)
      place = .array(.first)
      retryAt = 0
      return .go
    }
    return rejectLine(reason: "the message is longer than \(maximum) bytes", &batch)
  }

  /// Asks for more input; a long message is not tried again for every few bytes.
  mutating func wait() -> Step {
    retryAt = window.remaining < 1 << 16 ? 0 : window.remaining + window.remaining / 4
    return .starved
  }

  /// Whether the message at the head was cut and not much came since.
  var isTooEarly: Bool {
    guard retryAt > 0, window.remaining < min(retryAt, maximum), !window.isFinished else { return false }
    // A live source sends whole lines: then waiting on would hold the message back.
    return (window.tail - 1).pointee != Byte.newline
  }
}

internal import CScan
internal import OrderFlow

extension OrderScanner {
  /// Reads an array that is too long to be held in memory: each element is judged by itself.
  mutating func scanArray(_ start: ArrayPlace, _ batch: inout OrderBatch) -> Step {
    var inside = start
    if inside == .closed { return scanAfterArray(&batch) }
    while !batch.isFull, !reader.texts.arena.isLow {
      skipSpace()
      if window.remaining == 0 { return starve(inside, &batch) }
      let byte = window.head.pointee
      if byte == Byte.comma, inside != .first, inside != .afterComma {
        window.advance(to: window.head + 1)
        inside = .afterComma
      } else if byte == Byte.closeBracket, inside != .afterComma {
        window.advance(to: window.head + 1)
        place = .array(.closed)
        return .go
      } else if inside == .afterValue {
        place = .array(inside)
        return rejectLine(reason: "not JSON: \(JSONFault.arrayComma.words)", &batch)
      } else {
        place = .array(inside)
        let step = scanElement(&batch)
        guard case .array(.afterValue) = place, step == .go, !walk.isActive else { return step }
        inside = .afterValue
      }
      place = .array(inside)
    }
    return .full
  }

  private mutating func starve(_ inside: ArrayPlace, _ batch: inout OrderBatch) -> Step {
    place = .array(inside)
    guard window.isFinished else { return .starved }
    place = .lines
    // After a fault the end is no news.
    if inside != .afterFault {
      reject(window.head, window.head, line: line, reason: "not JSON: the input ends inside an array", &batch)
    }
    return .end
  }

  /// Nothing but white space may follow the array on its line.
  private mutating func scanAfterArray(_ batch: inout OrderBatch) -> Step {
    var at = window.head
    while Byte.isSpace(at.pointee), at.pointee != Byte.newline { at += 1 }
    window.advance(to: at)
    if window.remaining == 0, !window.isFinished { return .starved }
    if window.remaining > 0, at.pointee != Byte.newline {
      let step = rejectLine(reason: OrderScanner.moreText, &batch)
      guard step == .go else { return step }
    }
    place = .lines
    return .go
  }

  /// Reads the element at the head.
  private mutating func scanElement(_ batch: inout OrderBatch) -> Step {
    let start = window.head
    guard start.pointee == Byte.openBrace, retryAt == 0,
      let end = reader.speculate(start, depth: 1, isRow: false, batch.slot), end - start <= maximum
    else { return scanAnyMessage(&batch) }
    accept(start, line: line, &batch)
    line &+= reader.newlines
    window.advance(to: end)
    place = .array(.afterValue)
    return .go
  }
}

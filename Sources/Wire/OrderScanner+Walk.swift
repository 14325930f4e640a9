internal import CScan
internal import OrderFlow

extension OrderScanner {
  /// Takes the elements of a message that was found to be JSON as a whole.
  mutating func continueWalk(_ batch: inout OrderBatch) -> Step {
    let base = window.head
    while walk.isActive {
      if batch.isFull || reader.texts.arena.isLow { return .full }
      var at = JSONScanner.space(base + walk.top.at)
      if at.pointee == Byte.comma { at = JSONScanner.space(at + 1) }
      if at.pointee == Byte.closeBracket {
        walk.leave(after: at + 1 - base)
        continue
      }
      guard let end = walkElement(at, base, &batch) else {
        // The text was checked before; a place that is no JSON now would be a fault of the walk itself.
        walk = MessageWalk()
        return rejectLine(reason: "not JSON", &batch)
      }
      if end > at { walk.top.at = end - base }
    }
    finishWalk()
    return .go
  }

  private mutating func finishWalk() {
    window.advance(to: window.head + walk.end)
    line += walk.lines
    if case .array = place { place = .array(.afterValue) }
  }

  /// Reads one element and returns the place after it; the same place when it is an array that was entered.
  private mutating func walkElement(
    _ at: BytePointer, _ base: BytePointer, _ batch: inout OrderBatch
  ) -> BytePointer? {
    let isRow = walk.top.isRows
    if at.pointee == Byte.openBracket, !isRow, walk.canNest {
      walk.begin(at - base, isRows: false, resume: -1)
      return at
    }
    guard at.pointee == Byte.openBrace else {
      let end = reader.texts.json.value(at, depth: walk.depth)
      if let end { reject(at, end, line: lineOf(at, base), reason: notAnObject(at, isRow: isRow), &batch) }
      return end
    }
    if let end = reader.speculate(at, depth: walk.depth, isRow: isRow, batch.slot) {
      accept(at, line: lineOf(at, base), &batch)
      return end
    }
    switch reader.object(at, depth: walk.depth, isRow: isRow, batch.slot) {
    case .broken: return nil
    case .order(let end):
      accept(at, line: lineOf(at, base), &batch)
      return end
    case .skipped(let end):
      counts.skipped += 1
      return end
    case .faulty(let end, let reason):
      reject(at, end, line: lineOf(at, base), reason: reason, &batch)
      return end
    case .page(let end, let rows):
      walk.begin(rows - base, isRows: true, resume: end - base)
      return at
    }
  }

  private func notAnObject(_ at: BytePointer, isRow: Bool) -> String {
    let kind = ValueKind(firstByte: at.pointee)
    if kind == .array, !isRow { return "arrays of orders may be nested once, not deeper" }
    return "\(isRow ? "an order" : "an element") must be an object, not \(kind.words)"
  }

  private mutating func lineOf(_ at: BytePointer, _ base: BytePointer) -> UInt64 {
    walk.line(at: at - base, from: base) { bbscan_newlines($0, $1) }
  }
}

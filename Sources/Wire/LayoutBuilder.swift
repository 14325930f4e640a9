internal import CScan

/// Writes the steps of one layout.
struct LayoutBuilder {
  enum Part {
    case around
    case order(outerLevels: UInt8)
  }

  /// End of the last value.
  var place: BytePointer
  var layout: Layout
  private var steps = 0
  private var literals = 0

  init(place: BytePointer, layout: Layout) {
    self.place = place
    self.layout = layout
    self.layout.newlines = 0
  }

  /// Adds the values of an object that lie between two places.
  mutating func add(
    _ fields: borrowing ObjectFields, as part: Part, before: BytePointer? = nil, after: BytePointer? = nil
  ) -> Bool {
    for at in 0..<fields.count {
      let mark = fields.marks[at]
      if let before, mark.start >= before { continue }
      if let after, mark.start < after { continue }
      var step: LayoutStep?
      switch part {
      case .around:
        step = mark.field.bit & WireField.envelope != 0 ? nil : LayoutStep.skipping(mark, levels: 1)
      case .order(let levels):
        // The order's own empty and null values stay part of the literal: they decide which others count.
        if mark.field.isOrderField {
          guard !LayoutStep.isAbsent(mark) else { continue }
          guard let own = LayoutStep.reading(mark, in: fields) else { return false }
          step = own
        } else {
          step = LayoutStep.skipping(mark, levels: levels)
        }
      }
      if let step, !append(step, mark) { return false }
    }
    return true
  }

  private mutating func append(_ step: LayoutStep, _ mark: ValueMark) -> Bool {
    let isString = mark.kind == .string && step.action != .skipValue
    guard literal(upTo: mark.start + (isString ? 1 : 0), step) else { return false }
    place = mark.end
    return true
  }

  private mutating func literal(upTo end: BytePointer, _ step: LayoutStep) -> Bool {
    let count = end - place
    // Each literal is followed by 16 bytes that may be read when it is compared.
    guard count >= 0, literals + count + 16 <= LayoutCache.maximumLiterals, steps < LayoutCache.maximumSteps
    else {
      return false
    }
    let target = layout.literals + literals
    target.update(from: place, count: count)
    (target + count).update(repeating: 0, count: 16)
    literals += (count + 31) & ~15
    layout.newlines += bbscan_newlines(place, count)
    var step = step
    step.literal = BytePointer(target)
    step.literalCount = UInt32(truncatingIfNeeded: count)
    (layout.steps + steps).initialize(to: step)
    steps += 1
    return true
  }

  /// Adds what comes after the last value.
  mutating func finish(_ end: BytePointer) -> Bool {
    let last = LayoutStep(literal: place, literalCount: 0, action: .end)
    layout.isUsed = literal(upTo: end, last)
    return layout.isUsed
  }
}

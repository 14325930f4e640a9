/// The layouts of the last messages, the latest match first.
struct LayoutCache: ~Copyable {
  static let count = 4
  static let maximumSteps = 2 * ObjectFields.maximumMarks + 1
  static let maximumLiterals = 16_384

  private let layouts: UnsafeMutablePointer<Layout>

  init() {
    layouts = .allocate(capacity: LayoutCache.count)
    for place in 0..<LayoutCache.count {
      (layouts + place).initialize(
        to: Layout(
          steps: .allocate(capacity: LayoutCache.maximumSteps),
          literals: .allocate(capacity: LayoutCache.maximumLiterals)))
    }
  }

  deinit {
    for place in 0..<LayoutCache.count {
      layouts[place].steps.deallocate()
      layouts[place].literals.deallocate()
    }
    layouts.deallocate()
  }

  @inline(__always)
  subscript(_ place: Int) -> UnsafeMutablePointer<Layout> { layouts + place }

  /// Makes the layout at this place the first to try.
  mutating func promote(_ place: Int) {
    let layout = layouts[place]
    for at in stride(from: place, to: 0, by: -1) { layouts[at] = layouts[at - 1] }
    layouts[0] = layout
  }

  /// Learns the layout of a message; `outer` are its values, `inner` those of the order inside it.
  ///
  /// Does nothing when the message has a trait that makes its meaning depend on more than its layout.
  mutating func learn(
    _ start: BytePointer, _ end: BytePointer, outer: borrowing ObjectFields, inner: borrowing ObjectFields
  ) {
    var builder = LayoutBuilder(place: start, layout: layouts[LayoutCache.count - 1])
    builder.layout.isUsed = false
    let isLearned: Bool
    if let field = outer.orderContainer, let container = outer[field] {
      builder.layout.isBare = false
      isLearned =
        outer.isLearnable && inner.isLearnable && inner.seen & WireField.envelope == 0
        && builder.add(outer, as: .around, before: container.start)
        && builder.add(inner, as: .order(outerLevels: 2))
        && builder.add(outer, as: .around, after: container.end)
    } else {
      builder.layout.isBare = true
      isLearned =
        outer.isLearnable && outer.seen & WireField.envelope == 0
        && builder.add(outer, as: .order(outerLevels: 1))
    }
    guard isLearned, builder.finish(end) else {
      layouts[LayoutCache.count - 1].isUsed = false
      return
    }
    layouts[LayoutCache.count - 1] = builder.layout
    promote(LayoutCache.count - 1)
  }
}

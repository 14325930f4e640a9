internal import CScan
internal import OrderFlow

/// Reads single messages: by a learned layout where one fits, in any order otherwise.
struct MessageReader: ~Copyable {
  /// What an object turned out to be.
  enum Outcome {
    /// An order, which now is in the slot that was given.
    case order(end: BytePointer)
    /// A page; its rows begin after the bracket at `rows`.
    case page(end: BytePointer, rows: BytePointer)
    /// Something that brings no orders, such as an acknowledgement.
    case skipped(end: BytePointer)
    /// JSON, but not what it should be.
    case faulty(end: BytePointer, reason: String)
    /// No JSON, or cut off; see `texts.json`.
    case broken
  }

  var texts = TextReader()
  var layouts = LayoutCache()
  let exchanges: ExchangeList
  /// Whether layouts are used at all; without them the result is the same.
  let speculates: Bool
  /// Newlines inside the message that `speculate` read last.
  var newlines: UInt64 = 0
  private var outer = ObjectFields()
  private var inner = ObjectFields()

  init(exchanges: [String], speculates: Bool) {
    self.exchanges = ExchangeList(exchanges)
    self.speculates = speculates
  }

  /// Reads a message by the layouts seen before; nil when none fits, which says nothing about the message.
  ///
  /// `depth` is the number of containers around it; `isRow` tells that it must be an order itself.
  @inline(__always)
  mutating func speculate(
    _ start: BytePointer, depth: Int, isRow: Bool, _ order: UnsafeMutablePointer<Order>
  ) -> BytePointer? {
    guard speculates else { return nil }
    let mark = texts.arena.used
    for place in 0..<LayoutCache.count {
      let layout = layouts[place]
      guard layout.pointee.isUsed else { return nil }
      if isRow && !layout.pointee.isBare { continue }
      if let end = read(start, by: layout, depth: depth, order) {
        if place > 0 { layouts.promote(place) }
        return end
      }
      texts.arena.used = mark
    }
    return nil
  }

  /// Reads an object whatever the order of its keys.
  @inline(never)
  mutating func object(
    _ start: BytePointer, depth: Int, isRow: Bool, _ order: UnsafeMutablePointer<Order>
  ) -> Outcome {
    guard let end = texts.object(start, depth: depth + 1, into: &outer) else { return .broken }
    if isRow { return finish(start, end, isNested: false, order) }
    if let topic = outer.value(.topic, .string) { return frame(start, end, topic, depth: depth, order) }
    if let type = outer.value(.type, .string) {
      guard matches(type, "event") else { return .skipped(end: end) }
      return nested(start, end, .data, depth: depth, order)
    }
    if outer.value(.eventType, .string) != nil { return .skipped(end: end) }
    if let rows = outer.value(.orders, .array) { return .page(end: end, rows: rows.start) }
    if let rows = outer.value(.data, .array) { return .page(end: end, rows: rows.start) }
    if outer.seen & WireField.orderLike == 0 { return .skipped(end: end) }
    return finish(start, end, isNested: false, order)
  }

  private mutating func frame(
    _ start: BytePointer, _ end: BytePointer, _ topic: ValueMark, depth: Int,
    _ order: UnsafeMutablePointer<Order>
  ) -> Outcome {
    guard matches(topic, "activity"), let type = outer.value(.type, .string),
      matches(type, "trades") || matches(type, "orders_matched")
    else { return .skipped(end: end) }
    return nested(start, end, .payload, depth: depth, order)
  }

  private mutating func nested(
    _ start: BytePointer, _ end: BytePointer, _ field: WireField, depth: Int,
    _ order: UnsafeMutablePointer<Order>
  ) -> Outcome {
    guard let container = outer[field] else { return .faulty(end: end, reason: "\(field.name) is missing") }
    guard container.kind == .object else {
      return .faulty(end: end, reason: "\(field.name) must be an object, not \(container.kind.words)")
    }
    guard texts.object(container.start, depth: depth + 2, into: &inner) != nil else { return .broken }
    return finish(start, end, isNested: true, order)
  }

  private mutating func finish(
    _ start: BytePointer, _ end: BytePointer, isNested: Bool, _ order: UnsafeMutablePointer<Order>
  ) -> Outcome {
    do throws(FieldFault) {
      let decoder = OrderDecoder(order: order)
      if isNested {
        try decoder.decode(inner, &texts, exchanges)
      } else {
        try decoder.decode(outer, &texts, exchanges)
      }
    } catch {
      return .faulty(end: end, reason: error.reason)
    }
    if speculates { layouts.learn(start, end, outer: outer, inner: inner) }
    return .order(end: end)
  }

  private mutating func matches(_ mark: ValueMark, _ word: StaticString) -> Bool {
    let used = texts.arena.used
    defer { texts.arena.used = used }
    guard let text = texts.text(mark.start + 1), text.count == word.utf8CodeUnitCount else { return false }
    return bbscan_same(text.bytes, word.utf8Start, text.count) != 0
  }
}

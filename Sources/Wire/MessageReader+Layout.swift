internal import COrderFlow
internal import CScan
internal import OrderFlow

extension MessageReader {
  /// Reads a message whose layout is known: literal, value, literal, value. Nil on the first difference.
  ///
  /// Whatever it accepts, the any-order path accepts with the same result: it checks values just as strictly,
  /// and leaves alone what it does not know.
  @inline(__always)
  mutating func read(
    _ start: BytePointer, by layout: UnsafeMutablePointer<Layout>, depth: Int,
    _ order: UnsafeMutablePointer<Order>
  ) -> BytePointer? {
    var at = start
    var step = StepPointer(layout.pointee.steps)
    let fields = OrderLimits.texts(order)
    newlines = layout.pointee.newlines
    OrderLimits.clear(order)
    while true {
      guard bbscan_equal(at, step.pointee.literal, step.pointee.literalCount) != 0 else { return nil }
      at += Int(step.pointee.literalCount)
      switch step.pointee.action {
      case .end:
        return OrderLimits.complete(order, exchanges) ? at : nil
      case .text:
        guard let text = texts.text(at), store(text, step, fields) else { return nil }
        at = text.end
      case .lowerText:
        guard let text = texts.lowerText(at), store(text, step, fields) else { return nil }
        at = text.end
      case .side:
        guard let end = side(at, order) else { return nil }
        at = end
      case .price:
        guard let reading = DecimalReader.micros(at), reading.value >= 0, reading.value <= OrderLimits.price
        else {
          return nil
        }
        order.pointee.price = reading.value
        at = reading.end
      case .shares:
        guard let reading = DecimalReader.whole(at), reading.value > 0 else { return nil }
        order.pointee.shares = reading.value
        at = reading.end
      case .size:
        guard let reading = DecimalReader.micros(at), reading.value > 0 else { return nil }
        order.pointee.shares = reading.value
        at = reading.end
      case .time:
        guard let reading = DecimalReader.whole(at), reading.value >= 0, reading.value <= OrderLimits.seconds
        else { return nil }
        order.pointee.time = reading.value &* 1000
        at = reading.end
      case .skipString:
        guard let text = texts.text(at), step.pointee.limit == 0 || text.count <= Int(step.pointee.limit)
        else {
          return nil
        }
        at = text.end
      case .skipNumber:
        guard let end = DecimalReader.skip(at) else { return nil }
        at = end
      default:
        guard let end = rare(at, step, depth: depth, order) else { return nil }
        at = end
      }
      step += 1
    }
  }

  private typealias StepPointer = UnsafePointer<LayoutStep>

  @inline(__always)
  private func store(
    _ text: TextReader.Reading, _ step: UnsafePointer<LayoutStep>, _ fields: UnsafeMutablePointer<bb_text>
  ) -> Bool {
    if text.count == 0 { return !step.pointee.isRequired }
    guard text.count <= Int(step.pointee.limit) else { return false }
    fields[Int(step.pointee.index)] =
      bb_text(bytes: text.bytes, count: UInt32(truncatingIfNeeded: text.count), symbol: 0)
    return true
  }

  @inline(__always)
  private func side(_ start: BytePointer, _ order: UnsafeMutablePointer<Order>) -> BytePointer? {
    // `BUY"` and `SELL"` as little-endian numbers.
    let word = bbscan_load64(start)
    if word & 0xFFFF_FFFF == 0x2259_5542 {
      order.pointee.side = UInt8(truncatingIfNeeded: BB_SIDE_BUY)
      return start + 4
    }
    guard word & 0xFF_FFFF_FFFF == 0x22_4C4C_4553 else { return nil }
    order.pointee.side = UInt8(truncatingIfNeeded: BB_SIDE_SELL)
    return start + 5
  }

  @inline(never)
  private mutating func rare(
    _ start: BytePointer, _ step: UnsafePointer<LayoutStep>, depth: Int, _ order: UnsafeMutablePointer<Order>
  ) -> BytePointer? {
    switch step.pointee.action {
    case .blockNumber, .logIndex:
      guard let reading = DecimalReader.whole(start), reading.value >= 0 else { return nil }
      if step.pointee.action == .blockNumber {
        order.pointee.block_number = reading.value
      } else {
        order.pointee.log_index = reading.value
      }
      return reading.end
    case .priceText, .sharesText, .sizeText:
      return numberText(start, step.pointee.action, order)
    default:
      guard let end = texts.json.value(start, depth: depth + Int(step.pointee.index)) else { return nil }
      newlines += bbscan_newlines(start, end - start)
      return end
    }
  }

  private mutating func numberText(
    _ start: BytePointer, _ action: LayoutAction, _ order: UnsafeMutablePointer<Order>
  ) -> BytePointer? {
    guard let text = texts.text(start), text.count > 0, text.count <= OrderLimits.text else { return nil }
    if action == .sharesText {
      guard case .success(let shares) = WholeNumber.parse(text.bytes, text.count), shares > 0 else {
        return nil
      }
      order.pointee.shares = shares
      return text.end
    }
    guard case .success(let value) = Micros.parse(text.bytes, text.count) else { return nil }
    if action == .sizeText {
      guard value > 0 else { return nil }
      order.pointee.shares = value
    } else {
      guard value >= 0, value <= OrderLimits.price else { return nil }
      order.pointee.price = value
    }
    return text.end
  }
}

internal import COrderFlow
internal import CScan
internal import OrderFlow

/// Why an object is not a valid order; names the field.
struct FieldFault: Error {
  var reason: String
}

/// Makes an order of the fields of an object, in whatever order and format they came.
struct OrderDecoder: ~Copyable {
  let order: UnsafeMutablePointer<Order>

  /// Fills the order, or says which field is wrong; the texts point into the input or the arena.
  func decode(
    _ fields: borrowing ObjectFields, _ texts: inout TextReader, _ exchanges: borrowing ExchangeList
  ) throws(FieldFault) {
    OrderLimits.clear(order)
    try text(.tokenID, .tokenID, limit: OrderLimits.tokenID, isRequired: true, fields, &texts)
    try side(fields, &texts)
    try price(fields, &texts)
    try shares(fields, &texts)
    try time(fields, &texts)
    try text(.user, .user, lower: true, limit: OrderLimits.user, isRequired: true, fields, &texts)
    try text(.txHash, .txHash, lower: true, isRequired: true, fields, &texts)
    try text(.tokenLabel, .tokenLabel, fields, &texts)
    try text(.marketSlug, .marketSlug, fields, &texts)
    try text(.conditionID, .conditionID, lower: true, fields, &texts)
    try text(.title, .title, fields, &texts)
    try text(.orderHash, .orderHash, lower: true, fields, &texts)
    try text(.taker, .taker, lower: true, fields, &texts)
    order.pointee.block_number = try index(.blockNumber, fields, &texts)
    order.pointee.log_index = try index(.logIndex, fields, &texts)
    guard OrderLimits.complete(order, exchanges) else {
      throw FieldFault(reason: "price times shares does not fit 64 bits of micro-dollars")
    }
  }

  private func text(
    _ field: WireField, _ target: TextField, lower: Bool = false, limit: Int = OrderLimits.text,
    isRequired: Bool = false, _ fields: borrowing ObjectFields, _ texts: inout TextReader
  ) throws(FieldFault) {
    guard let mark = fields[field] else {
      if isRequired { throw FieldFault(reason: "\(fields.spelling(field)) is missing") }
      return
    }
    guard mark.kind == .string else {
      throw FieldFault(reason: "\(fields.spelling(field)) must be a string, not \(mark.kind.words)")
    }
    let reading = lower ? texts.lowerText(mark.start + 1) : texts.text(mark.start + 1)
    guard let reading, reading.count <= limit else {
      throw FieldFault(reason: "\(fields.spelling(field)) is longer than \(limit) bytes")
    }
    if reading.count == 0 {
      if isRequired { throw FieldFault(reason: "\(fields.spelling(field)) is missing: \"\" means absent") }
      return
    }
    OrderLimits.texts(order)[target.rawValue] =
      bb_text(bytes: reading.bytes, count: UInt32(truncatingIfNeeded: reading.count), symbol: 0)
  }

  private func side(_ fields: borrowing ObjectFields, _ texts: inout TextReader) throws(FieldFault) {
    guard let text = try number(.side, fields, &texts, allowsNumber: false) else {
      throw FieldFault(reason: "\(fields.spelling(.side)) is missing")
    }
    if text.count == 3, bbscan_same(text.start, ("BUY" as StaticString).utf8Start, 3) != 0 {
      order.pointee.side = UInt8(truncatingIfNeeded: BB_SIDE_BUY)
    } else if text.count == 4, bbscan_same(text.start, ("SELL" as StaticString).utf8Start, 4) != 0 {
      order.pointee.side = UInt8(truncatingIfNeeded: BB_SIDE_SELL)
    } else {
      throw FieldFault(reason: "\(fields.spelling(.side)) must be BUY or SELL")
    }
  }

  private func price(_ fields: borrowing ObjectFields, _ texts: inout TextReader) throws(FieldFault) {
    guard let text = try number(.price, fields, &texts) else {
      throw FieldFault(reason: "\(fields.spelling(.price)) is missing")
    }
    switch Micros.parse(text.start, text.count) {
    case .success(let price) where price >= 0 && price <= OrderLimits.price: order.pointee.price = price
    case .failure(.malformed): throw FieldFault(reason: "\(fields.spelling(.price)) is not a decimal number")
    default: throw FieldFault(reason: "\(fields.spelling(.price)) must be from 0 to 1 dollar a share")
    }
  }

  /// The integer `shares` wins over the decimal spellings; those that lose need the right type all the same.
  private func shares(_ fields: borrowing ObjectFields, _ texts: inout TextReader) throws(FieldFault) {
    let micro = try number(.shares, fields, &texts)
    let normalized = try number(.sharesNormalized, fields, &texts)
    let size = try number(.size, fields, &texts)
    if let micro {
      order.pointee.shares = try whole(
        micro, .shares, 1...Int64.max, "a whole number of micro-shares of at least 1", fields)
      return
    }
    guard let text = normalized ?? size else { throw FieldFault(reason: "shares is missing") }
    let field = normalized == nil ? WireField.size : .sharesNormalized
    switch Micros.parse(text.start, text.count) {
    case .success(let shares) where shares > 0: order.pointee.shares = shares
    case .success: throw FieldFault(reason: "\(fields.spelling(field)) must be more than 0 shares")
    case .failure(.malformed): throw FieldFault(reason: "\(fields.spelling(field)) is not a decimal number")
    case .failure(.overflow):
      throw FieldFault(reason: "\(fields.spelling(field)) does not fit 64 bits of micro-shares")
    }
  }

  private func time(_ fields: borrowing ObjectFields, _ texts: inout TextReader) throws(FieldFault) {
    guard let text = try number(.timestamp, fields, &texts, digitsOnly: true) else {
      throw FieldFault(reason: "\(fields.spelling(.timestamp)) is missing")
    }
    let seconds = try whole(
      text, .timestamp, 0...OrderLimits.seconds, "whole seconds from 0 to 9999999999", fields)
    order.pointee.time = seconds * 1000
  }

  private func index(
    _ field: WireField, _ fields: borrowing ObjectFields, _ texts: inout TextReader
  ) throws(FieldFault) -> Int64 {
    guard let text = try number(field, fields, &texts, digitsOnly: true) else { return -1 }
    return try whole(text, field, 0...Int64.max, "a whole number of at least 0", fields)
  }

  private func whole(
    _ text: (start: BytePointer, count: Int), _ field: WireField, _ range: ClosedRange<Int64>,
    _ wanted: StaticString,
    _ fields: borrowing ObjectFields
  ) throws(FieldFault) -> Int64 {
    guard case .success(let value) = WholeNumber.parse(text.start, text.count), range.contains(value) else {
      throw FieldFault(reason: "\(fields.spelling(field)) must be \(wanted)")
    }
    return value
  }

  /// The characters of a number, sent as a number or as a string; nil when missing, null or "".
  private func number(
    _ field: WireField, _ fields: borrowing ObjectFields, _ texts: inout TextReader,
    allowsNumber: Bool = true,
    digitsOnly: Bool = false
  ) throws(FieldFault) -> (start: BytePointer, count: Int)? {
    guard let mark = fields[field] else { return nil }
    if mark.kind == .number, allowsNumber { return (mark.start, mark.end - mark.start) }
    guard mark.kind == .string else {
      let wanted = allowsNumber ? "a number or a string" : "a string"
      throw FieldFault(reason: "\(fields.spelling(field)) must be \(wanted), not \(mark.kind.words)")
    }
    guard let reading = texts.text(mark.start + 1), reading.count <= OrderLimits.text else {
      throw FieldFault(reason: "\(fields.spelling(field)) is longer than \(OrderLimits.text) bytes")
    }
    let bytes = UnsafeBufferPointer(start: reading.bytes, count: reading.count)
    if digitsOnly, !bytes.allSatisfy(Byte.isDigit) {
      throw FieldFault(reason: "\(fields.spelling(field)) must be a number or a string of digits")
    }
    return reading.count == 0 ? nil : (reading.bytes, reading.count)
  }
}

internal import OrderFlow

extension ObjectFields {
  /// Whether the values were all noted and no key that matters came twice.
  var isLearnable: Bool { isComplete && repeated == 0 }

  /// The field with the order in it, when this is an envelope that has nothing else an order could be in.
  var orderContainer: WireField? {
    let event = WireField.type.bit | WireField.data.bit
    let frame = WireField.topic.bit | WireField.type.bit | WireField.payload.bit
    switch seen & WireField.envelope {
    case event: return .data
    case frame: return .payload
    default: return nil
    }
  }
}

extension LayoutStep {
  /// Whether an order's value is null or "".
  static func isAbsent(_ mark: ValueMark) -> Bool {
    if mark.kind == .null { return true }
    let isNumber: Bool
    switch mark.field {
    case .price, .shares, .sharesNormalized, .size, .timestamp, .blockNumber, .logIndex: isNumber = true
    default: isNumber = false
    }
    return isNumber && mark.kind == .string && mark.end - mark.start == 2
  }

  /// The step that only checks a value.
  static func skipping(_ mark: ValueMark, levels: UInt8) -> LayoutStep {
    switch mark.kind {
    case .string: LayoutStep(literal: mark.start, literalCount: 0, action: .skipString)
    case .number: LayoutStep(literal: mark.start, literalCount: 0, action: .skipNumber)
    default: LayoutStep(literal: mark.start, literalCount: 0, action: .skipValue, index: levels)
    }
  }

  /// The step that reads a value of a valid order; nil for rare spellings that are not worth learning.
  static func reading(_ mark: ValueMark, in fields: borrowing ObjectFields) -> LayoutStep? {
    func plain(_ action: LayoutAction) -> LayoutStep {
      LayoutStep(literal: mark.start, literalCount: 0, action: action)
    }
    func text(_ field: TextField, _ action: LayoutAction, _ limit: Int = OrderLimits.text) -> LayoutStep {
      LayoutStep(
        literal: mark.start, literalCount: 0, action: action,
        index: UInt8(truncatingIfNeeded: field.rawValue),
        limit: UInt16(truncatingIfNeeded: limit))
    }
    func required(_ step: LayoutStep) -> LayoutStep {
      var step = step
      step.isRequired = true
      return step
    }
    let isText = mark.kind == .string
    switch mark.field {
    case .tokenID: return required(text(.tokenID, .text, OrderLimits.tokenID))
    case .user: return required(text(.user, .lowerText, OrderLimits.user))
    case .txHash: return required(text(.txHash, .lowerText))
    case .tokenLabel: return text(.tokenLabel, .text)
    case .marketSlug: return text(.marketSlug, .text)
    case .conditionID: return text(.conditionID, .lowerText)
    case .title: return text(.title, .text)
    case .orderHash: return text(.orderHash, .lowerText)
    case .taker: return text(.taker, .lowerText)
    case .side: return plain(.side)
    case .price: return plain(isText ? .priceText : .price)
    case .shares: return plain(isText ? .sharesText : .shares)
    case .sharesNormalized, .size:
      guard mark.field == fields.sizeField else { return losing(mark) }
      return plain(isText ? .sizeText : .size)
    case .timestamp: return isText ? nil : plain(.time)
    case .blockNumber: return isText ? nil : plain(.blockNumber)
    case .logIndex: return isText ? nil : plain(.logIndex)
    default: return nil
    }
  }
}

extension LayoutStep {
  /// The step for a size that another field wins over: not read, but held to the same type and length.
  private static func losing(_ mark: ValueMark) -> LayoutStep {
    var step = skipping(mark, levels: 0)
    step.limit = UInt16(truncatingIfNeeded: OrderLimits.text)
    return step
  }
}

extension ObjectFields {
  /// The field that gives the size of a valid order.
  var sizeField: WireField {
    for field in [WireField.shares, .sharesNormalized] {
      if let mark = self[field], !LayoutStep.isAbsent(mark) { return field }
    }
    return .size
  }
}

/// What to do with one value of a learned layout.
enum LayoutAction: UInt8 {
  case end
  case text, lowerText, side
  case price, priceText, shares, sharesText, size, sizeText, time, blockNumber, logIndex
  case skipString, skipNumber, skipValue
}

/// The bytes before a value, and what to do with the value.
struct LayoutStep {
  var literal: BytePointer
  var literalCount: UInt32
  var action: LayoutAction
  /// The text field, or for `skipValue` how many containers of the message are around the value.
  var index: UInt8 = 0
  /// Longest text in bytes; 0 for no limit.
  var limit: UInt16 = 0
  var isRequired = false
}

/// The layout of a message that was read before: everything that is not a value, byte for byte.
struct Layout {
  var steps: UnsafeMutablePointer<LayoutStep>
  var literals: UnsafeMutablePointer<UInt8>
  /// Newlines in the literals.
  var newlines: UInt64 = 0
  /// Whether the message is the order itself, with nothing around it.
  var isBare = false
  var isUsed = false
}

/// Texts that occur again and again, each kept once and known by a number; 0 is the empty text.
struct TextPool: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = [0]
  private var numbers: [ArraySlice<UInt8>: UInt32] = [:]

  /// The number of a text, which is added when it is new.
  mutating func intern(_ text: some Collection<UInt8>) -> UInt32 {
    if text.isEmpty { return 0 }
    // A slice of its own: a key that shared the pool would have it copied at the next text.
    let key = ArraySlice(Array(text))
    if let number = numbers[key] { return number }
    let number = UInt32(truncatingIfNeeded: ends.count)
    bytes.append(contentsOf: key)
    ends.append(bytes.count)
    numbers[key] = number
    return number
  }

  /// The number of a text, nil when no order has it.
  func number(of text: some Collection<UInt8>) -> UInt32? {
    text.isEmpty ? nil : numbers[ArraySlice(Array(text))]
  }

  /// The bytes of a text.
  subscript(_ number: UInt32) -> ArraySlice<UInt8> {
    let place = Int(number)
    return place == 0 || place >= ends.count ? [] : bytes[ends[place - 1]..<ends[place]]
  }
}

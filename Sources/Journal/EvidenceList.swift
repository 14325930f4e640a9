/// The journal numbers of supporting orders as the JSON text that the `evidence` column holds.
enum EvidenceList {
  /// Binds the list, NULL when it is empty.
  static func bind(_ numbers: [Int64], to statement: Statement) {
    if numbers.isEmpty { return statement.bindNull() }
    // A 64-bit number has at most 20 characters, and each brings a comma or a bracket.
    statement.bindText(capacity: 1 + numbers.count * 21) { start in
      var at = 0
      for number in numbers {
        start[at] = at == 0 ? UInt8(ascii: "[") : UInt8(ascii: ",")
        at += 1
        at += write(number, to: start + at)
      }
      start[at] = UInt8(ascii: "]")
      return at + 1
    }
  }

  /// The numbers in a stored text; nil when it is no such list.
  static func parse(_ text: String) -> [Int64]? {
    guard text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count >= 2 else { return nil }
    let inside = text.dropFirst().dropLast()
    if inside.isEmpty { return [] }
    var numbers: [Int64] = []
    for part in inside.split(separator: ",", omittingEmptySubsequences: false) {
      guard let number = Int64(part) else { return nil }
      numbers.append(number)
    }
    return numbers
  }

  /// Writes a number in decimal and returns how many bytes it took.
  private static func write(_ number: Int64, to start: UnsafeMutablePointer<UInt8>) -> Int {
    var count = 0
    var rest = number.magnitude
    repeat {
      start[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
      count += 1
    } while rest != 0
    if number < 0 {
      start[count] = UInt8(ascii: "-")
      count += 1
    }
    var digits = UnsafeMutableBufferPointer(start: start, count: count)
    digits.reverse()
    return count
  }
}

/// Comparisons that take the same time whatever the bytes are.
enum ConstantTime {
  /// Whether two runs of bytes are equal; how long it takes depends on their lengths alone.
  static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for place in left.indices { difference |= left[place] ^ right[place] }
    return difference == 0
  }
}

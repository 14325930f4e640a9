/// A number as it is written with plain digits, kept exactly.
struct DecimalLiteral: Equatable {
  /// The digits as a whole number.
  var digits: Int64
  /// How many of them are behind the point.
  var places: Int

  init(digits: Int64, places: Int) {
    self.digits = digits
    self.places = places
  }

  /// Reads `25000`, `0.04`, `-1.5`; nil for anything else, and for more than 15 digits.
  init?(_ text: some StringProtocol) {
    let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), text.prefix(2) != "--", text.utf8.count <= 16,
      parts.allSatisfy({ part in part.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let digits = Int64(parts.joined())
    else { return nil }
    self.digits = text.hasPrefix("-") ? -digits : digits
    places = parts.count == 2 ? parts[1].utf8.count : 0
  }

  /// The number with at least so many digits behind the point.
  func withPlaces(_ wanted: Int) -> DecimalLiteral? {
    var copy = self
    while copy.places < wanted {
      let (next, isOverflow) = copy.digits.multipliedReportingOverflow(by: 10)
      if isOverflow { return nil }
      copy = DecimalLiteral(digits: next, places: copy.places + 1)
    }
    return copy
  }

  /// The number and `steps` units of its last place.
  func stepped(by steps: Int64) -> DecimalLiteral? {
    let (sum, isOverflow) = digits.addingReportingOverflow(steps)
    return isOverflow ? nil : DecimalLiteral(digits: sum, places: places)
  }

  /// The number times a power of ten, when that is whole.
  func scaled(byPowerOfTen power: Int) -> Int64? {
    guard let exact = withPlaces(power) else { return nil }
    var value = exact.digits
    for _ in power..<max(power, exact.places) {
      guard value % 10 == 0 else { return nil }
      value /= 10
    }
    return value
  }

  /// As it is written: `25000.01`.
  var text: String {
    guard places > 0 else { return "\(digits)" }
    var all = String(digits.magnitude)
    while all.utf8.count <= places { all = "0" + all }
    return (digits < 0 ? "-" : "") + all.dropLast(places) + "." + all.suffix(places)
  }
}

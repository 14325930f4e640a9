/// Where a page ended, and the moment of the first page, as of which all pages are.
struct PageCursor: Equatable, Sendable {
  /// Orders that REST did not show by this time, in nanoseconds after the start, are on no page.
  var asOf: Int64
  /// Neither are those from this number on.
  var end: Int
  /// The last order of the page.
  var place: VenueLog.Place
  /// How many orders all pages have.
  var total: Int
  /// How many the pages so far had.
  var offset: Int

  /// The opaque text that clients hand back.
  var text: String {
    let numbers = [asOf, Int64(end), place.second, Int64(place.index), Int64(total), Int64(offset)]
    let plain = numbers.map(String.init).joined(separator: ".")
    return "c"
      + plain.utf8.map { String($0 ^ 0x15, radix: 16) }.map { $0.count == 1 ? "0" + $0 : $0 }.joined()
  }

  init(asOf: Int64, end: Int, place: VenueLog.Place, total: Int, offset: Int) {
    self.asOf = asOf
    self.end = end
    self.place = place
    self.total = total
    self.offset = offset
  }

  /// Reads such a text; nil when it is none.
  init?(_ text: String) {
    let digits = Array(text.utf8.dropFirst())
    guard text.hasPrefix("c"), digits.count % 2 == 0, digits.count < 400 else { return nil }
    var plain: [UInt8] = []
    for at in stride(from: 0, to: digits.count, by: 2) {
      guard let code = UInt8(String(decoding: digits[at..<at + 2], as: UTF8.self), radix: 16) else {
        return nil
      }
      plain.append(code ^ 0x15)
    }
    let parts = String(decoding: plain, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int64($0) }
    guard numbers.count == 6, parts.count == 6, numbers[1] >= 0, numbers[3] >= 0 else { return nil }
    self.init(
      asOf: numbers[0], end: Int(numbers[1]),
      place: VenueLog.Place(second: numbers[2], index: Int(numbers[3])),
      total: Int(numbers[4]), offset: Int(numbers[5]))
  }
}

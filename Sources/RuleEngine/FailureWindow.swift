/// Counts a rule's errors over the last thousand events; the fifth quarantines it.
struct FailureWindow {
  static var limit: Int { 5 }
  static var span: Int64 { 1_000 }
  private var recent: [Int64] = []

  /// Notes an error at event `seq`; true when the rule is to be quarantined.
  mutating func add(_ seq: Int64) -> Bool {
    recent.append(seq)
    recent.removeAll { $0 <= seq - FailureWindow.span }
    return recent.count >= FailureWindow.limit
  }

  /// Whether there is nothing to remember.
  var isEmpty: Bool { recent.isEmpty }

  private static var quarantineMark: Substring { "quarantined" }

  /// The events of the recent errors as text, behind a word when the rule is quarantined.
  func saved(isQuarantined: Bool) -> String {
    let events = recent.map { Substring(String($0)) }
    return (isQuarantined ? [FailureWindow.quarantineMark] + events : events).joined(separator: " ")
  }

  /// Puts back what `saved` gave; true when the rule was quarantined.
  mutating func restore(_ text: String) -> Bool {
    let words = text.split(separator: " ")
    recent = words.compactMap { Int64($0) }
    return words.first == FailureWindow.quarantineMark
  }
}

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
}

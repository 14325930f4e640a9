import OrderFlow

extension TestResult {
  /// The marks that say of an event what the rule did on it.
  func marks(at event: Int) -> [TestMark] {
    var marks: [TestMark] = late.contains(event) ? [.late] : []
    marks += signals.filter { $0.event == event }.map { .signal($0.signal.severity) }
    return marks + Array(repeating: .folded, count: folds.count { $0 == event })
  }
}

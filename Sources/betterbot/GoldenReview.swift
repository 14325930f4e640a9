import Pipeline
import RuleKit

/// Walks through what is different from the goldens, and asks what is right.
struct GoldenReview {
  private let session: TestSession
  private let goldens: [TestSession.GoldenRun]

  init(_ session: TestSession, _ results: [TestSession.Result]) {
    self.session = session
    goldens = results.flatMap(\.goldens)
  }

  /// Asks for each difference: y takes it into the golden, n leaves the golden as it is, q ends.
  func run() throws {
    if goldens.isEmpty { Output.standard.line("every golden is as the run gives it") }
    for golden in goldens {
      Output.standard.line("\(golden.path): \(golden.comparison.changes.count) differences")
      var accepted: Set<String> = []
      var isOver = false
      for change in golden.comparison.changes where !isOver {
        show(change, golden.test)
        switch Answer.ask("take it?") {
        case .yes: accepted.insert(change.key)
        case .no: break
        case .quit: isOver = true
        }
      }
      // A run without signals has nothing to ask about, and its golden is empty.
      if !accepted.isEmpty || (golden.golden == nil && golden.comparison.changes.isEmpty) {
        do {
          try session.write(golden) { accepted.contains($0.key) }
          Output.standard.line("wrote \(golden.path)")
        } catch {
          throw Output.fail(error.description, .badInput)
        }
      }
      if isOver { return }
    }
  }

  private func show(_ change: GoldenComparison.Change, _ test: RuleTest) {
    Output.standard.line("")
    for line in around(change, test) { Output.standard.line(line) }
    for line in change.lines { Output.standard.line("    " + line) }
  }

  /// The orders around the one that the change is about.
  private func around(_ change: GoldenComparison.Change, _ test: RuleTest) -> [String] {
    let orders = test.orders
    guard let number = change.order, orders.indices.contains(number - 1) else { return ["at \(change.key)"] }
    let shown = max(0, number - 4)..<min(orders.count, number + 2)
    return shown.map { place in
      (place == number - 1 ? "  > " : "    ") + "\(place + 1)  "
        + TestReport.text(of: test.events[orders[place]], in: test)
    }
  }
}

public import RuleEngine

/// What there is to say about one event and one rule, for people or as JSON.
public struct WhyReport {
  /// What it is about: the first line, and what belongs to it.
  public var head: [String] = []
  /// What is doubtful about it, and other things that must be said.
  public var notes: [String] = []
  /// The order, nil when the event is none.
  public var order: OrderFacts?
  /// The conditions of the rule's own `where`.
  public var conditions: [Check] = []
  /// Windows that did not take the order, with their conditions.
  public var passedOver: [(name: String, conditions: [Check])] = []
  /// The name of the hook that ran, nil when none did.
  public var hook: String?
  /// What it did.
  public var reading: CallReading?
  /// Why it ended early.
  public var failure: String?
  /// The match that it was called with.
  public var steps: [(name: String, seq: Int64)] = []
  /// The groups that it saw.
  public var groups: [GroupSnapshot] = []
  /// The orders in them and in the match that are to be shown, by number.
  public var orders: [Int64: OrderFacts] = [:]
  /// What stopped the rule, and what comes behind that; nil when nothing did.
  public var search: GuardSearch?
  /// How many orders of a group are shown, the newest.
  public var shownOrders = 20

  let rule: String
  private let text: [UInt8]

  /// A report without content about a rule with this text.
  public init(rule: String, text: [UInt8]) {
    self.rule = rule
    self.text = text
  }

  /// Takes over what a trace has to say about the event, and about one of its calls.
  public mutating func take(
    _ trace: EventTrace, call: Int?, of instrumented: InstrumentedRule, declarations: RuleDeclarations?
  ) {
    conditions = trace.conditions.map { Check($0) }
    passedOver = trace.windows.filter { $0.group == nil }.map { window in
      (window.name, window.conditions.map { Check($0) })
    }
    groups = trace.windows.compactMap(\.group)
    guard let call else { return }
    let made = trace.calls[call]
    hook = made.hook
    failure = made.failure
    steps = made.steps
    reading = CallReading(trace, call: call, of: instrumented, declarations: declarations)
    // The order is what on_order and its conditions are about, and nobody else.
    if made.hook != "on_order" { (conditions, passedOver, groups) = ([], [], []) }
    for group in made.groups where !groups.contains(group) { groups.append(group) }
    if trace.isTruncated { notes.append("the hook did more than fits here: only the beginning is shown") }
    switch instrumented.depth {
    case .full: break
    case .lines: notes.append("the rule is so close to Lua's limits that only its lines are shown")
    case .nothing: notes.append("the rule is so close to Lua's limits that nothing of its lines is shown")
    }
  }

  /// Journal numbers of the orders that are shown.
  public var wantedOrders: [Int64] {
    groups.flatMap { $0.orders.suffix(shownOrders) } + steps.map(\.seq)
  }

  // MARK: For people

  /// The lines of the report.
  public var lines: [String] {
    var lines = head + notes.map { "note: \($0)" }
    if let order { lines += [""] + WhyReport.lines(of: order) }
    if !conditions.isEmpty {
      lines += ["", "where"] + conditions.map { "  " + WhyReport.line(of: $0) }
    }
    for window in passedOver {
      lines += ["", "window \(window.name) did not take the order"]
      lines += window.conditions.map { "  " + WhyReport.line(of: $0) }
    }
    lines += searchLines + hookLines + matchLines
    for group in groups { lines += [""] + self.lines(of: group) }
    return lines
  }

  private static func lines(of order: OrderFacts) -> [String] {
    let width = order.fields.map(\.name.count).max() ?? 0
    return ["order \(order.seq)"]
      + order.fields.dropFirst().map { entry in
        let value =
          if case .text(let text, _) = entry.value { text } else { ValueText.text(entry.value, entry.unit) }
        return "  " + WhyReport.pad(entry.name, width) + value
      }
  }

  private static func line(of check: Check) -> String {
    let distance = check.outcome == false ? check.distance(to: true) : nil
    return (check.outcome == false ? "✗ " : "✓ ") + Check.withoutOutcome(check)
      + (distance.map { ": \($0)" } ?? "")
  }

  private var hookLines: [String] {
    guard let hook, let reading else { return [] }
    var lines = ["", "\(rule).lua, \(hook)"]
    let source = String(decoding: text, as: UTF8.self).split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let width = String(reading.functions.last?.upperBound ?? 0).count
    var shown = 0
    for function in reading.functions {
      for number in function where number > shown && number <= source.count {
        shown = number
        let count = reading.lines[number] ?? 0
        let mark = count == 0 ? "  " : count == 1 ? "✓ " : "✓×\(count) "
        let digits = String(repeating: " ", count: max(0, width - String(number).count)) + String(number)
        lines.append("│ \(digits) \(mark)\(source[number - 1].replacing("\t", with: "  "))")
        lines += reading.checks.filter { $0.line == number }.prefix(20).map {
          "│ " + String(repeating: " ", count: width + 5) + $0.text
        }
      }
    }
    if let failure { lines.append("the hook failed: \(failure)") }
    return lines
  }

  private var searchLines: [String] {
    guard let search else { return [] }
    var lines: [String] = [""]
    for (place, step) in search.steps.enumerated() {
      let what = place == 0 ? "stopped by" : "then also"
      let back = step.returned.map { ", which returned in line \($0)" } ?? ""
      lines.append("\(what) line \(step.line)\(back)")
      lines.append("  " + step.check.text)
      if let distance = step.distance { lines.append("  it had to be \(step.wanted): \(distance)") }
    }
    switch search.end {
    case .fires(let signals):
      let without = ["Let through by `where`,", "Without it"]
      let beginning = search.steps.count < 2 ? without[search.steps.count] : "Without these"
      lines.append("\(beginning) the rule fires: \(signals) signal\(signals == 1 ? "" : "s").")
    case .fails(let message):
      let way = search.steps.isEmpty ? "let through by `where`" : "with that out of the way"
      lines.append("What comes behind cannot be said: \(way), the hook fails: \(message)")
    case .exhausted: lines.append("No condition is left that leads to a signal.")
    case .tooMany: lines.append("There are more conditions than \(GuardSearch.limit).")
    }
    return lines
  }

  private var matchLines: [String] {
    if steps.isEmpty { return [] }
    return ["", "match"] + table(steps.map(\.seq), names: steps.map(\.name))
  }

  private func lines(of group: GroupSnapshot) -> [String] {
    func text(_ entries: [GroupSnapshot.Entry]) -> String {
      entries.map { "\($0.name) \(ValueText.text($0.value, $0.unit))" }.joined(separator: ", ")
    }
    var lines = ["window \(group.window): \(text(group.key))", "  " + text(group.aggregates)]
    if group.isTruncated { lines.append("  a cap dropped orders of it") }
    let shown = Array(group.orders.suffix(shownOrders))
    lines += table(shown, names: [])
    let left = group.orders.count - shown.count
    if left > 0 { lines.append("  and \(left) older (--all shows them)") }
    return lines
  }

  private func table(_ orders: [Int64], names: [String]) -> [String] {
    var rows = [["SEQ", "TIME (UTC)", "SIDE", "PRICE", "SHARES", "USD"]]
    if !names.isEmpty { rows[0].insert("STEP", at: 0) }
    for (place, seq) in orders.enumerated() {
      var row = ["\(seq)"]
      if let order = self.orders[seq] {
        row += WhyReport.cells(of: order)
      } else {
        row += ["not in the journal", "", "", "", ""]
      }
      if names.indices.contains(place) { row.insert(names[place], at: 0) }
      rows.append(row)
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = "  " + zip(row, widths).map { WhyReport.pad($0, $1) }.joined()
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private static func cells(of order: OrderFacts) -> [String] {
    func amount(_ field: String) -> String {
      guard case .integer(let value) = order[field] else { return "" }
      return ValueText.amount(value, .of(field: field)).replacing(" shares", with: "")
    }
    let side = if case .text(let text, _) = order["side"] { text } else { "" }
    return [
      ValueText.amountOfTime(order.time), side, amount("price"), amount("shares"), amount("usd"),
    ]
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count) + 2)
  }
}

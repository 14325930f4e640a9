import OrderFlow
import Wire

extension DiffReport {
  /// The report for people; of each group at most `limit` signals are shown.
  public func lines(limit: Int) -> [DiffLine] {
    var lines = [
      "before  rule set \(before.version), \(before.place)",
      "after   rule set \(after.version), \(after.place)",
      flowLine,
    ].map { DiffLine($0) }
    if !unchanged.isEmpty {
      let are = unchanged.count == 1 ? "1 rule is" : "\(unchanged.count) rules are"
      lines.append(DiffLine("\(are) the same in both and did not run: \(unchanged.joined(separator: ", "))"))
    }
    lines += notes.map { DiffLine("note: \($0)") }
    for rule in rules { lines += self.lines(of: rule, limit) }
    return lines
  }

  private var flowLine: String {
    if rules.isEmpty { return "flow    \(flow.place): not read, as no rule that is to be compared differs" }
    var line =
      "flow    \(flow.place): \(flow.orders == 1 ? "1 order" : "\(ValueText.grouped(flow.orders)) orders")"
    if let times = flow.times {
      line += ", \(EventTime.text(times.lowerBound)) to \(EventTime.text(times.upperBound)) UTC"
    }
    return line
  }

  private func lines(of rule: Rule, _ limit: Int) -> [DiffLine] {
    var counts = SignalDifference.Kind.allCases.compactMap { kind in
      rule.count(kind) > 0 ? "\(rule.count(kind)) \(kind.rawValue)" : nil
    }
    counts.append("\(rule.same) the same")
    var lines = [DiffLine(""), DiffLine("\(rule.rule): \(counts.joined(separator: ", "))")]
    for group in rule.groups {
      lines.append(DiffLine(""))
      lines.append(DiffLine("\(group.differences.count) \(group.kind.rawValue): \(group.heading)"))
      if let line = summary(of: group) { lines.append(DiffLine("  " + line)) }
      for difference in group.differences.prefix(max(limit, 0)) { lines += self.lines(of: difference) }
      let left = group.differences.count - max(limit, 0)
      if left > 0 { lines.append(DiffLine("  and \(left) more (--limit shows more)")) }
    }
    return lines
  }

  private func summary(of group: Group) -> String? {
    guard let horizon else { return nil }
    let later = DiffReport.span(horizon) + " later"
    guard let summary = group.summary else { return "\(later): no signal has a later price" }
    let share = summary.inFavour * 100 / summary.count
    return "\(later): median \(DiffReport.cents(summary.median)), mean \(DiffReport.cents(summary.mean)), "
      + "\(share) % in favour (\(summary.inFavour) of \(summary.count))"
  }

  private func lines(of difference: SignalDifference) -> [DiffLine] {
    guard let signal = difference.shown else { return [] }
    var id = String(signal.id.hex.prefix(8))
    var lead = "  \(EventTime.text(signal.time))  "
    if difference.kind == .moved, let before = difference.before, let after = difference.after {
      id = "\(before.id.hex.prefix(8)) → \(after.id.hex.prefix(8))"
      let way = difference.isEarlier ? "earlier" : "later"
      let distance = EventTime.seconds((Double(after.time) - Double(before.time)).magnitude / 1000)
      lead = "  \(EventTime.text(before.time)), now \(distance) \(way)  "
    }
    var lines = [DiffLine(lead, signal.severity, "  \(id)  \(signal.title)\(signal.marks)")]
    if let reading = difference.reading, let values = reading.values {
      lines.append(DiffLine("    \(values)\(reading.distance.map { ": \($0)" } ?? "")"))
    }
    // How the severity of a changed signal did stands over it.
    for change in difference.changes where difference.kind == .moved || change.name != "severity" {
      lines.append(DiffLine("    \(change.name): \(change.before) → \(change.after)"))
    }
    if let horizon {
      lines.append(DiffLine("    " + DiffReport.text(of: difference.outcome, after: horizon)))
    }
    return lines
  }

  private static func text(of outcome: PriceOutcome?, after horizon: Int64) -> String {
    let later = span(horizon) + " later"
    guard let outcome else { return "\(later): n/a" }
    let prices = "\(ValueText.dollars(outcome.price)), \(later) \(ValueText.dollars(outcome.later))"
    return prices + (outcome.move.map { ": \(cents($0))" } ?? "")
  }

  /// Micro-dollars as cents with their sign, to the hundredth of a cent: `+3 ¢`, `-0.55 ¢`.
  static func cents(_ micros: Int64) -> String {
    let hundredths = micros.magnitude / 100 + (micros.magnitude % 100 >= 50 ? 1 : 0)
    if hundredths == 0 { return "0 ¢" }
    var digits = String(hundredths % 100 + 100).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(micros > 0 ? "+" : "-")\(hundredths / 100)\(digits.isEmpty ? "" : "." + digits) ¢"
  }

  /// A span of milliseconds in the largest unit that says it exactly: `1h`, `90s`.
  static func span(_ milliseconds: Int64) -> String {
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)]
      as [(String, Int64)]
    where milliseconds % size == 0 && milliseconds > 0 {
      return "\(milliseconds / size)\(unit)"
    }
    return "\(milliseconds)ms"
  }
}

extension DiffReport.Group {
  /// What stands over its signals.
  var heading: String {
    let what = fields.joined(separator: ", ")
    guard let decision else { return kind == .changed ? what : "what decided was not looked at" }
    return decision.heading + (kind == .changed ? ": \(what)" : "")
  }
}

extension TestReport {
  /// How lines are marked on a terminal.
  public struct Colours: Sendable {
    /// Around what is wrong, around what is fine, around what matters less, and the end of each.
    var bad = "", good = "", dim = "", end = ""

    /// No colours.
    public static let none = Colours()
    /// Those of a terminal.
    public static let terminal = Colours(
      bad: "\u{1B}[31m", good: "\u{1B}[32m", dim: "\u{1B}[2m", end: "\u{1B}[0m")
  }

  /// The lines for people: a line a rule, and under it only what is not as it is due.
  ///
  /// `clean` takes out of a text what a terminal would obey: titles come from venues.
  public func lines(
    _ colours: Colours = .none, clean: (String) -> String = { $0 }
  ) -> [String] {
    var lines: [String] = []
    for file in files {
      if let problem = file.problem {
        let parts = problem.split(separator: "\n").map { clean(String($0)) }
        lines.append("\(colours.bad)✘\(colours.end) \(parts.joined(separator: "\n"))")
        continue
      }
      let failed = file.verdicts.count { !$0.isPassed }
      let count = "\(file.verdicts.count) test\(file.verdicts.count == 1 ? "" : "s")"
      lines.append(
        failed == 0
          ? "\(colours.good)✔\(colours.end) \(file.rule) \(colours.dim)\(count)\(colours.end)"
          : "\(colours.bad)✘\(colours.end) \(file.rule) \(colours.dim)\(failed) of \(count) failed\(colours.end)"
      )
      for verdict in file.verdicts { lines += TestReport.lines(verdict, colours, clean: clean) }
    }
    return lines
  }

  /// What is to be said of a test: nothing when it passed and knows no misses.
  static func lines(
    _ verdict: TestVerdict, _ colours: Colours, clean: (String) -> String = { $0 }
  ) -> [String] {
    if verdict.isPassed && verdict.notes.isEmpty { return [] }
    let mark = verdict.isPassed ? "\(colours.dim)~\(colours.end)" : "\(colours.bad)✘\(colours.end)"
    var lines = [
      "  \(mark) \(clean(verdict.test.name)) \(colours.dim)(\(clean(verdict.test.origin)))\(colours.end)"
    ]
    let shown = 8
    for group in [verdict.differences, verdict.notes] {
      var last: Int?
      for difference in group.prefix(shown) {
        if let event = difference.event, event != last {
          lines.append("      " + clean(TestReport.place(event, in: verdict.test)))
          last = event
        }
        let indent = difference.event == nil ? "      " : "        "
        lines.append(indent + clean(difference.message))
        lines += difference.reasons.map { indent + "  \(colours.dim)\(clean($0))\(colours.end)" }
      }
      if group.count > shown { lines.append("      and \(group.count - shown) more") }
    }
    if let log = verdict.result?.log, !verdict.isPassed, !log.isEmpty {
      lines += log.split(separator: "\n").prefix(10).map { "      print: \(clean(String($0)))" }
    }
    return lines
  }

  /// An event as the file has it: `line 11, order 5: +121s alice BUY 5000 @0.60 btc.Yes`.
  public static func place(_ event: Int, in test: RuleTest) -> String {
    guard test.events.indices.contains(event) else { return "" }
    let number = test.events[..<event].count { $0.order != nil } + 1
    let isOrder = test.events[event].order != nil
    let line = test.events[event].line
    let place = [line > 0 ? "line \(line)" : nil, isOrder ? "order \(number)" : nil].compactMap(\.self)
    return place.joined(separator: ", ") + ": " + text(of: test.events[event], in: test)
  }

  /// An event as it is written, or as a table would have it.
  public static func text(of event: TestEvent, in test: RuleTest) -> String {
    if !event.text.isEmpty { return event.text }
    return OrderTableWriter.lines([event], names: test.names, start: test.events.first?.time ?? 0)[0]
  }
}

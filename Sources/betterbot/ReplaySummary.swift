import OrderFlow
import Pipeline
import RuleEngine

/// What `replay` says at its end.
struct ReplaySummary {
  let report: ReplayReport
  /// Path of the journal, nil when nothing was stored.
  let database: String?
  let format: ReplayCommand.Format

  /// Prints it: with tables on standard output, or beside lines for programs on standard error.
  func print(_ top: inout TopSignals) {
    let out = format == .human ? Output.standard : Output.error
    if format == .human {
      printSignals(&top)
      printRules()
    }
    out.line(counts)
    printTroubles()
    guard format == .human, let database else { return }
    let severe = top.hasSevere ? " --severity high" : ""
    let rule = report.rules.first?.rule ?? "RULE"
    out.write(
      """

      journal: \(database)
      next: betterbot signals --db \(database)\(severe)
            sqlite3 \(database) 'SELECT rule, count(*) FROM signal_rows GROUP BY rule'
            edit a threshold in rules/, or try --param \(rule).NAME=VALUE, and replay again

      """)
  }

  private func printSignals(_ top: inout TopSignals) {
    let table = SignalTable()
    for signal in top.inOrder() { table.show(signal) }
    table.finish()
    if top.total > table.shown {
      Output.standard.write("… the \(table.shown) most severe of \(grouped(top.total)) signals\n")
    }
    if top.total > 0 { Output.standard.write("\n") }
  }

  private func printRules() {
    let width = max(4, report.rules.map(\.rule.count).max() ?? 0) + 2
    func name(_ text: String) -> String { text + String(repeating: " ", count: width - text.count) }
    func column(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(1, width - text.count)) + text
    }
    let titles = column("SIGNALS", 9) + column("CALLS", 13) + column("ERRORS", 8) + column("µs/ORDER", 10)
    Output.standard.write(name("RULE") + titles + "\n")
    for rule in report.rules {
      let cost = report.orders > 0 ? Double(rule.nanoseconds) / 1000 / Double(report.orders) : 0
      let thousandths = Int((cost * 1000).rounded())
      let text = "\(thousandths / 1000).\(pad(thousandths % 1000))"
      Output.standard.line(
        name(rule.rule) + column(grouped(rule.signals), 9) + column(grouped(rule.calls), 13)
          + column(grouped(rule.errors), 8) + column(text, 10) + (rule.isQuarantined ? "  quarantined" : ""))
    }
    Output.standard.write("\n")
  }

  private func pad(_ value: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }

  private var counts: String {
    var text = "\(grouped(report.orders)) \(report.orders == 1 ? "order" : "orders")"
    text += " in \(EventTime.seconds(report.seconds)) (\(grouped(UInt64(report.rate)))/s)"
    text += ", \(grouped(report.signals)) \(report.signals == 1 ? "signal" : "signals")"
    if report.folded > 0 { text += ", \(grouped(report.folded)) repeats folded into them" }
    if report.duplicates > 0 { text += ", \(grouped(report.duplicates)) duplicate orders dropped" }
    if report.skipped > 0 { text += ", \(grouped(report.skipped)) other messages skipped" }
    if report.rejected > 0 { text += ", \(grouped(report.rejected)) messages rejected" }
    return text + "; rule set \(report.version)"
  }

  private func printTroubles() {
    let error = Output.error
    for letter in report.firstRejections {
      error.line("rejected: \(letter.source) line \(letter.line), byte \(letter.offset): \(letter.reason)")
    }
    let hidden = report.rejected - UInt64(report.firstRejections.count)
    if hidden > 0 {
      let place =
        database.map { "; all of them are in the table dead_letters of \($0)" }
        ?? "; a journal (--db) keeps all of them"
      error.line("… \(grouped(hidden)) more were rejected\(place)")
    }
    for failure in report.failures {
      let order = failure.order.isEmpty ? "" : ", order \(failure.order)"
      error.line("\(failure.kind): \(failure.message) (\(failure.hook), seq \(failure.seq)\(order))")
    }
    for rule in report.rules { printTroubles(of: rule) }
    if report.missingEvidence > 0 {
      error.line(
        "\(grouped(report.missingEvidence)) orders behind signals were too old to be stored with them"
      )
    }
  }

  private func printTroubles(of rule: RuleTotals) {
    let shown = UInt64(report.failures.count { $0.rule == rule.rule })
    if rule.errors > shown {
      Output.error.line("… \(grouped(rule.errors - shown)) more errors of \(rule.rule)")
    }
    if rule.isQuarantined {
      Output.error.line("quarantined: \(rule.rule), after \(grouped(rule.errors)) errors")
    }
    if rule.tooLate > 0 {
      Output.error.line(
        "\(rule.rule): \(grouped(rule.tooLate)) orders came too late for a window or sequence")
    }
    if rule.droppedGroups > 0 {
      Output.error.line(
        "\(rule.rule): \(grouped(rule.droppedGroups)) groups were dropped to keep windows and sequences inside limits"
      )
    }
    if rule.undecidedAbsences > 0 {
      Output.error.line(
        "\(rule.rule): \(grouped(rule.undecidedAbsences)) absences were given up: a lost stretch was never read again"
      )
    }
    if rule.skippedTicks > 0 {
      Output.error.line(
        "\(rule.rule): \(grouped(rule.skippedTicks)) ticks of timers were left out after jumps of the clock"
      )
    }
  }
}

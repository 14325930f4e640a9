import OrderFlow
import Pipeline
import RuleEngine

/// What `replay` says at its end.
struct ReplaySummary {
  let report: ReplayReport
  /// Path of the journal, nil when nothing was stored.
  let database: String?

  /// Prints it: with a table on standard output, without one on standard error.
  func print(_ table: SignalTable?) {
    let out = table == nil ? Output.error : Output.standard
    if let table, table.total > 0 {
      table.printKept()
      if table.total > table.shown {
        out.write("… the \(table.shown) most severe of \(grouped(table.total)) signals\n")
      }
      out.write("\n")
    }
    if table != nil { printRules(out) }
    printCounts(out)
    printTroubles()
    guard table != nil, let database else { return }
    out.write(
      """

      journal: \(database)
      next: betterbot signals --db \(database) --severity high
            sqlite3 \(database) 'SELECT rule, count(*) FROM signal_rows GROUP BY rule'
            edit a threshold in rules/, or try --param whale_order.min_usd=50000, and replay again

      """)
  }

  private func printRules(_ out: Output) {
    let width = (report.rules.map(\.rule.count).max() ?? 0) + 2
    func column(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(1, width - text.count)) + text }
    out.write("RULE" + column("SIGNALS", width - 4 + 9) + column("CALLS", 13) + column("ERRORS", 8) + column("µs/ORDER", 10) + "\n")
    for rule in report.rules {
      let cost = report.orders > 0 ? Double(rule.nanoseconds) / 1000 / Double(report.orders) : 0
      let text = "\(Int(cost)).\(pad(Int((cost * 1000).rounded()) % 1000))"
      out.write(
        rule.rule + column(grouped(Int(rule.signals)), width - rule.rule.count + 9)
          + column(grouped(Int(rule.calls)), 13) + column(grouped(Int(rule.errors)), 8) + column(text, 10)
          + (rule.isQuarantined ? "  quarantined" : "") + "\n")
    }
    out.write("\n")
  }

  private func pad(_ value: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }

  private func printCounts(_ out: Output) {
    var text = "\(grouped(Int(report.orders))) orders in \(EventTime.seconds(report.seconds))"
    text += " (\(grouped(Int(report.rate)))/s), \(grouped(Int(report.signals))) signals"
    if report.folded > 0 { text += ", \(grouped(Int(report.folded))) repeats folded into them" }
    if report.duplicates > 0 { text += ", \(grouped(Int(report.duplicates))) duplicate orders dropped" }
    if report.skipped > 0 { text += ", \(grouped(Int(report.skipped))) other messages skipped" }
    if report.rejected > 0 { text += ", \(grouped(Int(report.rejected))) messages rejected" }
    out.write(text + "; rule set \(report.version)\n")
  }

  private func printTroubles() {
    for letter in report.firstRejections {
      Output.error.write("rejected: \(letter.source) line \(letter.line), byte \(letter.offset): \(letter.reason)\n")
    }
    if report.rejected > report.firstRejections.count {
      Output.error.write("… \(grouped(Int(report.rejected) - report.firstRejections.count)) more, in dead_letters of the journal\n")
    }
    for failure in report.failures {
      let order = failure.order.isEmpty ? "" : ", order \(failure.order)"
      Output.error.write("\(failure.kind): \(failure.message) (\(failure.hook), seq \(failure.seq)\(order))\n")
    }
    for rule in report.rules where rule.errors > 5 {
      Output.error.write("… \(rule.errors - 5) more errors of \(rule.rule)\n")
    }
    for rule in report.rules where rule.isQuarantined {
      Output.error.write("quarantined: \(rule.rule), after \(rule.errors) errors\n")
    }
    if report.missingEvidence > 0 {
      Output.error.write("\(report.missingEvidence) orders named as evidence were too old to be stored with their signal\n")
    }
  }
}

import OrderFlow
import Pipeline
import Wire

/// Signals as a table for people.
///
/// The first rows wait for `finish` or for each other, because they decide how wide the columns are.
final class SignalTable {
  private var rows: [Signal] = []
  private var widths: (rule: Int, folds: Int)?
  /// How many rows there are.
  private(set) var shown = 0

  /// Rows that are looked at before the first is printed.
  private static let lookAhead = 1000

  /// Adds a row.
  func show(_ signal: Signal) {
    shown += 1
    if widths != nil {
      print(signal)
    } else {
      rows.append(signal)
      if rows.count == SignalTable.lookAhead { finish() }
    }
  }

  /// Prints what still waits.
  func finish() {
    if rows.isEmpty { return }
    widths = (
      rule: max(4, rows.map(\.rule.count).max() ?? 0),
      folds: max(5, rows.map { repeats($0).count }.max() ?? 0)
    )
    let names = pad("TIME (UTC)", 19) + pad("SEVERITY", 8) + pad("RULE", widths?.rule ?? 0)
    Output.standard.write(names + pad("FOLDS", widths?.folds ?? 0) + pad("ID", 8) + "SIGNAL\n")
    for row in rows { print(row) }
    rows.removeAll()
  }

  private func print(_ signal: Signal) {
    let row =
      pad(EventTime.text(signal.time), 19)
      + pad(signal.severity.coloured(Output.standard.hasColour), 8, visible: signal.severity.name.count)
      + pad(signal.rule, widths?.rule ?? 0) + pad(repeats(signal), widths?.folds ?? 0)
      // As much of it as `why` needs to find it again.
      + pad(String(signal.id.hex.prefix(8)), 8)
    Output.standard.write(row + TerminalText.line(signal.title) + signal.marks + "\n")
  }

  private func repeats(_ signal: Signal) -> String { signal.foldCount > 0 ? "+\(signal.foldCount)" : "" }

  private func pad(_ text: String, _ width: Int, visible: Int? = nil) -> String {
    text + String(repeating: " ", count: max(0, width - (visible ?? text.count)) + 2)
  }
}

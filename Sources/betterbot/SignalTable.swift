import OrderFlow
import Pipeline

/// Signals as a table for people.
final class SignalTable {
  private let limit: Int
  private var kept: [Signal] = []
  /// How many rows were printed.
  private(set) var shown = 0
  private(set) var total = 0

  /// A table that keeps the `limit` most severe signals, of equal severity the newest.
  init(limit: Int = 20) { self.limit = limit }

  /// Keeps a signal for `printKept`.
  func add(_ signal: Signal) {
    total += 1
    kept.append(signal)
    if kept.count > 4096 { trim() }
  }

  private func trim() {
    if kept.count <= limit { return }
    let ranks = kept.indices.map { (kept[$0].severity, kept[$0].time, kept[$0].seq, $0) }.sorted(by: >)
    kept = ranks.prefix(limit).map { kept[$0.3] }
  }

  /// Prints what was kept, in the order of time.
  func printKept() {
    trim()
    for signal in kept.sorted(by: { ($0.time, $0.seq, $0.rule) < ($1.time, $1.seq, $1.rule) }) { show(signal) }
  }

  /// Prints a signal at once.
  func show(_ signal: Signal) {
    if shown == 0 { Output.standard.write(header) }
    shown += 1
    let repeats = signal.foldCount > 0 ? "+\(signal.foldCount)" : ""
    let row =
      pad(EventTime.text(signal.time), 20) + pad(colour(signal.severity), 9, visible: signal.severity.name.count)
      + pad(signal.rule, 18) + pad(repeats, 6) + signal.title
    Output.standard.write(row + "\n")
  }

  private var header: String {
    pad("TIME (UTC)", 20) + pad("SEVERITY", 9) + pad("RULE", 18) + pad("FOLDS", 6) + "SIGNAL\n"
  }

  private func colour(_ severity: Severity) -> String {
    guard Output.standard.hasColour else { return severity.name }
    let code =
      switch severity {
      case .critical: "1;31"
      case .high: "31"
      case .medium: "33"
      case .low: "36"
      case .info: "2"
      }
    return "\u{1B}[\(code)m\(severity.name)\u{1B}[0m"
  }

  private func pad(_ text: String, _ width: Int, visible: Int? = nil) -> String {
    text + String(repeating: " ", count: max(1, width - (visible ?? text.count)))
  }
}

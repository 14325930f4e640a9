import Feeds
import OrderFlow
import Pipeline
import Wire
import RuleEngine

/// What the live view shows at one moment, as lines that fit a terminal; knows no terminal and no clock.
struct LiveFrame {
  /// Columns and rows of the terminal.
  var size: (columns: Int, rows: Int)
  /// Whether colour is wanted.
  var hasColour: Bool
  /// The wall clock, ms since 1970.
  var now: Int64

  /// The lines from the top, no more than the terminal has: where the run stands, then the newest signals.
  func lines(_ status: LiveStatus, _ signals: some BidirectionalCollection<Signal>) -> [String] {
    // The cursor stands below the last line.
    let rows = max(1, size.rows - 1)
    var lines = Array(header(status).prefix(rows))
    // A third for the rules at most, and three rows for signals before any rule.
    let room = rows - lines.count
    lines += ruleLines(status, limit: min(rows / 3, room - 5))
    if rows - lines.count >= 3 { lines += ["", style("2", fit(titles))] }
    let left = rows - lines.count
    if left <= 0 { return lines }
    lines += signals.suffix(left).map(row)
    if signals.isEmpty { lines.append(style("2", fit("no signal yet"))) }
    return lines
  }

  /// A narrow terminal gets the time of day alone and short names of rules, so that titles have room.
  private var timeWidth: Int { size.columns < 90 ? 8 : 19 }
  private var ruleWidth: Int { size.columns < 70 ? 10 : 18 }

  private var titles: String {
    TerminalWidth.pad(timeWidth > 8 ? "TIME (UTC)" : "UTC", timeWidth) + "  SEVERITY  "
      + TerminalWidth.pad("RULE", ruleWidth) + "  SIGNAL"
  }

  /// One signal as a row.
  func row(_ signal: Signal) -> String {
    let time = String(EventTime.text(signal.time).suffix(timeWidth))
    let folds = signal.foldCount > 0 ? "+\(signal.foldCount) " : ""
    let severity = TerminalWidth.pad(signal.severity.name, 8)
    // Where nothing limits the row, nothing is cut.
    let name = TerminalText.line(signal.rule)
    let rule = TerminalWidth.pad(name, size.columns == .max ? max(ruleWidth, name.count) : ruleWidth)
    // Cut before colours are put in, which take no room.
    let text = fit("\(time)  \(severity)  \(rule)  \(folds)\(TerminalText.line(signal.title))\(signal.marks)")
    let start = time.count + 2
    guard hasColour, text.unicodeScalars.count > start + 8 else { return text }
    let gap = String(repeating: " ", count: max(0, 8 - signal.severity.name.count))
    return "\(time)  \(signal.severity.coloured(true))\(gap)"
      + String(text.unicodeScalars.dropFirst(start + 8))
  }

  private func header(_ status: LiveStatus) -> [String] {
    var lines: [String] = []
    if let trouble = status.diskTrouble {
      lines.append(style("1;31", fit("NOTHING IS STORED: \(TerminalText.line(trouble))")))
    }
    lines.append(style("1", fit(summary(status))))
    lines.append(fit(figures(status)))
    if !status.lastReload.isEmpty { lines.append(fit("reload: \(TerminalText.line(status.lastReload))")) }
    let width = status.feeds.map(\.name.count).max() ?? 0
    for feed in status.feeds { lines.append(line(feed, width)) }
    return lines
  }

  private func summary(_ status: LiveStatus) -> String {
    "BetterBot · \(TerminalText.line(status.journal)) · rule set \(TerminalText.line(status.version)) · "
      + "running for \(FigureText.span(now - status.startedAt))"
      + (status.api.map { " · \(TerminalText.line($0))" } ?? "")
  }

  /// The figures that change, the most important first, because a narrow terminal cuts them.
  func figures(_ status: LiveStatus) -> String {
    var parts = ["\(LiveStatus.rateText(status.rate)) orders/s"]
    parts.append("lag \(status.lag.map { FigureText.span($0) } ?? "-")")
    parts.append("queue \(FigureText.grouped(status.queued))/\(FigureText.grouped(status.queueLimit))")
    parts.append("\(FigureText.grouped(status.signals)) \(status.signals == 1 ? "signal" : "signals")")
    parts.append("\(FigureText.grouped(status.orders)) \(status.orders == 1 ? "order" : "orders")")
    if let latency = status.latency {
      parts.append(
        "latency \(FigureText.microseconds(latency.median)), p99 \(FigureText.microseconds(latency.p99))")
    }
    if status.duplicates > 0 { parts.append("\(FigureText.grouped(status.duplicates)) repeats") }
    if status.rejected > 0 { parts.append("\(FigureText.grouped(status.rejected)) rejected") }
    parts.append(FigureText.bytes(status.memory))
    return parts.joined(separator: " · ")
  }

  private func line(_ feed: FeedStatus, _ width: Int) -> String {
    let name = TerminalText.line(feed.name) + String(repeating: " ", count: max(0, width - feed.name.count))
    let state = TerminalWidth.pad(feed.state.rawValue, 11)
    var text = "\(FigureText.grouped(feed.orders)) orders"
    if let last = feed.lastPayload { text += ", last \(FigureText.span(now - last)) ago" }
    if feed.gaps > 0 {
      text += ", \(FigureText.grouped(feed.gaps)) \(feed.gaps == 1 ? "gap" : "gaps")"
      if feed.openGaps > 0 { text += " (\(FigureText.grouped(feed.openGaps)) open)" }
    }
    if feed.backfilled > 0 { text += ", \(FigureText.grouped(feed.backfilled)) filled" }
    if feed.auditFound > 0 { text += ", \(FigureText.grouped(feed.auditFound)) found by audit" }
    if feed.state != .live, feed.state != .finished, !feed.lastError.isEmpty {
      text = TerminalText.line(feed.lastError) + "; " + text
    }
    let whole = fit("\(name)  \(state) \(text)")
    let start = name.unicodeScalars.count + 2
    guard hasColour, whole.unicodeScalars.count > start + 12 else { return whole }
    let scalars = whole.unicodeScalars
    let code =
      feed.state == .live ? "32" : feed.state == .finished ? "2" : feed.state == .failed ? "31" : "33"
    return String(scalars.prefix(start)) + style(code, String(scalars.dropFirst(start).prefix(11)))
      + String(scalars.dropFirst(start + 11))
  }

  /// The rules that cost most, in rule order, in at most so many lines.
  private func ruleLines(_ status: LiveStatus, limit: Int) -> [String] {
    guard limit >= 2, !status.rules.isEmpty else { return [] }
    var table = TextTable(["RULE", ">SIGNALS", ">µs/ORDER", ">ERRORS", ""])
    let isWhole = status.rules.count < limit
    let shown = isWhole ? status.rules.count : max(0, limit - 2)
    let places = status.rules.indices.sorted { status.rules[$0].nanoseconds > status.rules[$1].nanoseconds }
    for place in places.prefix(shown).sorted() {
      let rule = status.rules[place]
      table.add([
        rule.rule, FigureText.grouped(rule.signals), status.cost(rule), FigureText.grouped(rule.errors),
        rule.isQuarantined ? "quarantined" : "",
      ])
    }
    var lines = table.lines.map(fit)
    if let first = lines.first { lines[0] = style("2", first) }
    if !isWhole { lines.append(style("2", fit("… \(status.rules.count - shown) more rules"))) }
    return lines
  }

  private func fit(_ text: String) -> String { TerminalWidth.fit(text, size.columns) }

  private func style(_ code: String, _ text: String) -> String {
    hasColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

import Feeds
import OrderFlow
public import RuleEngine

extension LiveStatus {
  /// The whole of it for people, with its last newline; `now` is the wall clock, ms since 1970.
  ///
  /// Trouble with the disk is the first line, because nothing else matters then.
  public func text(now: Int64) -> String {
    var lines: [String] = []
    if let diskTrouble { lines.append("NOTHING IS STORED: \(TerminalText.line(diskTrouble))") }
    lines.append(
      TerminalText.line(journal) + " (durability \(durability)), rule set \(TerminalText.line(version)), "
        + "running for \(FigureText.span(now - startedAt))")
    lines.append(counts)
    lines.append(flow(now))
    if let api { lines.append("the API listens on \(TerminalText.line(api))") }
    lines += ruleSetLines
    for block in [feedLines(now), ruleLines] where !block.isEmpty { lines += [""] + block }
    return lines.joined(separator: "\n") + "\n"
  }

  private var counts: String {
    var text = "\(FigureText.grouped(orders)) \(orders == 1 ? "order" : "orders")"
    text += " (\(LiveStatus.rateText(rate))/s), "
    text += "\(FigureText.grouped(signals)) \(signals == 1 ? "signal" : "signals")"
    if folded > 0 { text += ", \(FigureText.grouped(folded)) repeats folded into them" }
    if duplicates > 0 { text += ", \(FigureText.grouped(duplicates)) duplicate orders dropped" }
    if rejected > 0 { text += ", \(FigureText.grouped(rejected)) messages rejected" }
    return text + "; last number \(lastSequence)"
  }

  private func flow(_ now: Int64) -> String {
    var parts: [String] = []
    if let clock {
      parts.append(
        "newest order \(EventTime.text(clock)) UTC" + (lag.map { ", \(FigureText.span($0)) old" } ?? ""))
    } else {
      parts.append("no order yet")
    }
    if let latency {
      parts.append(
        "latency \(FigureText.microseconds(latency.median)), p99 \(FigureText.microseconds(latency.p99))")
    }
    parts.append(
      "queue \(FigureText.grouped(queued)) of \(FigureText.grouped(queueLimit))"
        + (queuedBytes > 0 ? " (\(FigureText.bytes(queuedBytes)))" : ""))
    parts.append("memory \(FigureText.bytes(memory))")
    return parts.joined(separator: " · ")
  }

  private func feedLines(_ now: Int64) -> [String] {
    var table = TextTable([
      "FEED", "KIND", "STATE", "CONNECTED (UTC)", ">LAST ORDER", ">ORDERS", ">REPEATS", ">GAPS", ">FILLED",
      ">AUDIT", ">REST ERRORS", ">REST LAG",
    ])
    for feed in feeds {
      let open = feed.openGaps > 0 ? " (\(FigureText.grouped(feed.openGaps)) open)" : ""
      table.add([
        feed.name, feed.kind, feed.state.rawValue, feed.connectedSince.map { EventTime.text($0) } ?? "-",
        feed.lastPayload.map { "\(FigureText.span(now - $0)) ago" } ?? "-", FigureText.grouped(feed.orders),
        FigureText.grouped(feed.duplicates), FigureText.grouped(feed.gaps) + open,
        FigureText.grouped(feed.backfilled), FigureText.grouped(feed.auditFound),
        FigureText.grouped(feed.restErrors),
        feed.worstRestLag > 0 ? FigureText.span(feed.worstRestLag) : "-",
      ])
      var more: [String] = []
      if feed.reconnects > 0 { more.append("\(FigureText.grouped(feed.reconnects)) reconnects") }
      if feed.resubscriptions > 0 {
        more.append("\(FigureText.grouped(feed.resubscriptions)) lapsed subscriptions made again")
      }
      if feed.rejected > 0 { more.append("\(FigureText.grouped(feed.rejected)) messages rejected") }
      if feed.twins > 0 { more.append("\(FigureText.grouped(feed.twins)) twins") }
      if let audited = feed.audited { more.append("checked up to \(EventTime.text(audited))") }
      if !more.isEmpty { table.note(more.joined(separator: ", ")) }
      if !feed.lastError.isEmpty { table.note("last error: \(feed.lastError)") }
    }
    return table.lines
  }

  private var ruleLines: [String] {
    var table = TextTable(["RULE", ">SIGNALS", ">CALLS", ">ERRORS", ">µs/ORDER", ">MEMORY", ""])
    for rule in rules {
      table.add([
        rule.rule, FigureText.grouped(rule.signals), FigureText.grouped(rule.calls),
        FigureText.grouped(rule.errors), cost(rule), FigureText.bytes(rule.memoryPeak),
        [
          rule.isQuarantined ? "quarantined" : nil,
          rule.warmingUntil.map { "warming until \(EventTime.text($0))" },
        ]
        .compactMap { $0 }.joined(separator: ", "),
      ])
    }
    return table.lines
  }

  /// Microseconds that a rule takes for an order of this run.
  public func cost(_ rule: RuleTotals) -> String {
    FigureText.decimal(orders > 0 ? Double(rule.nanoseconds) / 1000 / Double(orders) : 0, places: 3)
  }

  /// Orders a second: whole from ten on.
  public static func rateText(_ rate: Double) -> String {
    guard rate.isFinite else { return "?" }
    return rate < 10
      ? FigureText.decimal(rate, places: 1) : FigureText.grouped(Int64(min(rate, 1e15).rounded()))
  }
}

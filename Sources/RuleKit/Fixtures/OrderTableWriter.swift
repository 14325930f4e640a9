import COrderFlow
import OrderFlow

/// Writes events as an order table.
public enum OrderTableWriter {
  /// The lines of a table in which `+0s` is event time `start`, ms, with columns below each other.
  ///
  /// A wallet or token that has no name in `names` cannot be written: give it one first.
  public static func lines(_ events: [TestEvent], names: TestNames, start: Int64) -> [String] {
    let rows = events.map { cells($0, names, start) }
    let columns = rows.filter { $0.count > 3 }
    let widths = (0..<6).map { place in columns.map { $0.count > place ? $0[place].count : 0 }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (place, cell) in row.enumerated() {
        let width = place < widths.count ? widths[place] : 0
        let blank = String(repeating: " ", count: max(0, width - cell.count))
        // Sizes stand to the right, everything else to the left.
        line += (place == 0 ? "" : place == 6 ? "   " : " ") + (place == 3 ? blank + cell : cell + blank)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  private static func cells(_ event: TestEvent, _ names: TestNames, _ start: Int64) -> [String] {
    let time = event.time >= start ? "+" + OrderTable.span(event.time - start) : stamp(event.time)
    let marks = event.marks.map(text).joined(separator: " ")
    switch event.kind {
    case .order(let order):
      var cells = [
        time, names.name(ofWallet: order[.user] ?? ""), order.isSale ? "SELL" : "BUY",
        Micros(raw: order.shares).text, "@" + Micros(raw: order.price).text,
        names.name(ofToken: order[.tokenID] ?? "") ?? order[.tokenID] ?? "",
      ]
      let rest = (words(order, names) + [marks]).filter { !$0.isEmpty }.joined(separator: " ")
      if !rest.isEmpty { cells.append(rest) }
      return cells
    case .tick: return [time, "tick", marks]
    case .gap(let from, let to, let isFilled):
      return [time, "gap \(OrderTable.span(to - from))\(isFilled ? " filled" : "")", marks]
    }
  }

  /// A time in front of the table's clock.
  private static func stamp(_ time: Int64) -> String {
    EventTime.text(time).replacing(" ", with: "T") + "Z"
  }

  private static func words(_ order: TestOrder, _ names: TestNames) -> [String] {
    var words: [String] = []
    if order.role == UInt8(BB_ROLE_TAKER) { words.append("role=taker") }
    if order.role == UInt8(BB_ROLE_MAKER) { words.append("role=maker") }
    if let taker = order[.taker] { words.append("taker=" + names.name(ofWallet: taker)) }
    if order.venue == UInt8(BB_VENUE_KALSHI) { words.append("venue=kalshi") }
    return words
  }

  /// A mark as it is written.
  public static func text(_ mark: TestMark) -> String {
    switch mark {
    case .signal(let severity): "#> \(severity.name)"
    case .folded: "#= folded"
    case .late: "#~ late"
    case .missed(let severity): "#todo> \(severity.name)"
    }
  }
}

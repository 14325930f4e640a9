/// A window that keeps every order it was ever shown and computes everything anew: slow and plainly right.
///
/// It shares no code with the engine. What it says is compared with what rules read from the engine's windows.
struct ReferenceWindow {
  enum Shape: Sendable {
    case sliding(span: Int64)
    case tumbling(width: Int64)
    case session(gap: Int64, span: Int64)
  }

  /// An order that was let in.
  struct Item {
    var order: TestOrder
    var seq: Int64
    var key: [String]
    /// Bucket of a tumbling window, number of a session.
    var part: Int64
  }

  /// A group that closed, with what it held.
  struct Closed {
    var end: Int64
    var key: [String]
    var part: Int64
    var items: [Item]
  }

  let shape: Shape
  let keys: [String]
  let admits: @Sendable (TestOrder) -> Bool
  let lateness: Int64 = 5_000
  private(set) var items: [Item] = []
  private(set) var clock = Int64.min
  private(set) var tooLate = 0
  private var sessions = 0
  private var closedParts: Set<[String]> = []

  init(
    _ shape: Shape, by keys: [String], where admits: @escaping @Sendable (TestOrder) -> Bool = { _ in true }
  ) {
    self.shape = shape
    self.keys = keys
    self.admits = admits
  }

  static func field(_ name: String, _ order: TestOrder) -> String {
    switch name {
    case "user": order.user
    case "token_id": order.token
    case "side": order.side
    case "market_slug": order.market
    case "price": "\(order.price)"
    default: preconditionFailure("the reference has no field \(name)")
    }
  }

  /// Takes the next order: what closes before it, and the group it belongs to (nil when it is left out).
  mutating func take(_ order: TestOrder, _ seq: Int64) -> (closed: [Closed], group: [Item]?) {
    clock = max(clock, order.time)
    let key = keys.map { ReferenceWindow.field($0, order) }
    let admitted = admits(order)
    var closed = closeDue()
    var part: Int64 = 0
    var fits = true
    switch shape {
    case .sliding(let span): fits = order.time > clock - span
    case .tumbling(let width):
      part = Int64((Double(order.time) / Double(width)).rounded(.down))
      fits = (part + 1) * width > clock - lateness
    case .session(let gap, let span):
      var open = items.filter { $0.key == key }
      if admitted, let first = open.first, order.time - first.order.time >= span {
        closed.append(close(open, at: order.time))
        open = []
      }
      if let first = open.first, let last = open.last {
        part = first.part
        fits = order.time >= first.order.time - gap && last.order.time - order.time < span
      } else {
        sessions += 1
        part = Int64(sessions)
        fits = order.time >= clock - gap
      }
    }
    closed.sort { ($0.end, $0.key.joined(separator: "\0")) < ($1.end, $1.key.joined(separator: "\0")) }
    guard admitted else { return (closed, nil) }
    guard fits else {
      tooLate += 1
      return (closed, nil)
    }
    items.append(Item(order: order, seq: seq, key: key, part: part))
    items.sort { ($0.order.time, $0.seq) < ($1.order.time, $1.seq) }
    return (closed, group(key, part))
  }

  /// The group with this key and part as of the clock, oldest order first.
  func group(_ key: [String], _ part: Int64) -> [Item] {
    items.filter { item in
      guard item.key == key, item.part == part else { return false }
      if case .sliding(let span) = shape { return item.order.time > clock - span }
      return true
    }
  }

  /// Every group that holds an order, in key order.
  func groups() -> [[Item]] {
    var names: [[String]: Int64] = [:]
    for item in items { names[item.key + ["\(item.part)"]] = item.part }
    return names.map { group(Array($0.key.dropLast()), $0.value) }.filter { !$0.isEmpty }.sorted {
      left, right in
      guard let a = left.first, let b = right.first else { return false }
      return a.key == b.key ? a.part < b.part : a.key.lexicographicallyPrecedes(b.key)
    }
  }

  private mutating func close(_ group: [Item], at end: Int64) -> Closed {
    let seqs = Set(group.map(\.seq))
    items.removeAll { seqs.contains($0.seq) }
    return Closed(end: end, key: group[0].key, part: group[0].part, items: group)
  }

  private mutating func closeDue() -> [Closed] {
    var result: [Closed] = []
    for group in groups() {
      guard let first = group.first, let last = group.last else { continue }
      switch shape {
      case .sliding: break
      case .tumbling(let width):
        let end = (first.part + 1) * width
        if end <= clock - lateness { result.append(close(group, at: end)) }
      case .session(let gap, _):
        if clock - last.order.time > gap { result.append(close(group, at: last.order.time + gap)) }
      }
    }
    return result
  }
}

/// Aggregates computed straight from their definitions.
struct ReferenceAggregates {
  let orders: [TestOrder]
  let seqs: [Int64]

  init(_ items: [ReferenceWindow.Item]) {
    orders = items.map(\.order)
    seqs = items.map(\.seq).sorted()
  }

  private var usd: [Int64] { orders.map(\.usd) }
  private var prices: [Int64] { orders.map(\.price) }

  /// Whole numbers and texts, in the order that `WindowTests.rule` prints them.
  var exact: [String] {
    var result = ["\(orders.count)", "\(usd.reduce(0, +))", "\(prices.min() ?? 0)", "\(prices.max() ?? 0)"]
    result += ["\(prices.first ?? 0)", "\(prices.last ?? 0)"]
    result += [orders.first?.user ?? "", orders.last?.market ?? ""].map { $0.isEmpty ? "nil" : $0 }
    result += ["\(Set(orders.map(\.user)).count)", "\(Set(usd).count)"]
    result += [0.5, 0.95, 1.0].map { "\(quantile($0))" }
    result.append(top(2))
    return result
  }

  /// Floats: mean, sample deviation (nil for one order), and the mean with a half-life of 20 seconds.
  var floats: [Double?] {
    let count = Double(orders.count)
    let mean = Double(usd.reduce(0, +)) / count
    let squares = usd.map { (Double($0) - mean) * (Double($0) - mean) }.reduce(0, +)
    let deviation = orders.count > 1 ? (squares / (count - 1)).squareRoot() : nil
    guard let youngest = orders.last?.time else { return [] }
    let weights = orders.map { weight(Double(youngest - $0.time) / 20_000) }
    let weighted = zip(weights, prices).map { $0 * Double($1) }.reduce(0, +)
    return [mean, deviation, weighted / weights.reduce(0, +)]
  }

  /// `0.5^x`, by squaring and square roots.
  private func weight(_ x: Double) -> Double {
    var result = 1.0
    var whole = x.rounded(.down)
    var fraction = x - whole
    while whole > 0 {
      result *= 0.5
      whole -= 1
    }
    var root = 0.5
    for _ in 0..<60 {
      root = root.squareRoot()
      fraction *= 2
      if fraction >= 1 {
        result *= root
        fraction -= 1
      }
    }
    return result
  }

  /// The smallest amount that at least `fraction` of all amounts do not exceed.
  private func quantile(_ fraction: Double) -> Int64 {
    let enough = usd.filter { candidate in
      Double(usd.filter { $0 <= candidate }.count) >= fraction * Double(usd.count) - 1e-9
    }
    return enough.min() ?? 0
  }

  private func top(_ count: Int) -> String {
    var sums: [String: Int64] = [:]
    for order in orders { sums[order.user, default: 0] += order.usd }
    let ranked = sums.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
    return ranked.prefix(count).map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}

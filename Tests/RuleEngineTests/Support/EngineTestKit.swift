import COrderFlow
import OrderFlow
@testable import RuleEngine

/// One order of a test: plain values, with the fields most tests do not care about filled in.
struct TestOrder: Sendable {
  /// Event time, ms since 1970.
  var time: Int64
  var user = "0xa"
  var token = "1"
  var side = "BUY"
  /// Micro-dollars a share.
  var price: Int64 = 500_000
  /// Micro-shares.
  var shares: Int64 = 10_000_000
  /// Micro-dollars; the rest of the order does not have to agree with it.
  var usd: Int64 = 5_000_000
  /// nil makes a transaction of its own for every order, so that none is a repeat of another.
  var transaction: String?
  var orderHash = ""
  var logIndex: Int64 = -1
  var market = "a-market"
  var label = "Yes"
  var taker = ""
  var role = ""
  var venue = "polymarket"

  init(_ time: Int64, _ change: (inout TestOrder) -> Void = { _ in }) {
    self.time = time
    change(&self)
  }
}

/// Orders in the shared layout, with the memory of their texts.
final class OrderBatch {
  let orders: UnsafeMutableBufferPointer<bb_order>
  private var texts: [UnsafeMutableBufferPointer<UInt8>] = []

  /// Lays out orders; `base` is the number of the first one, which names the transactions nobody named.
  init(_ source: ArraySlice<TestOrder>) {
    orders = .allocate(capacity: max(source.count, 1))
    orders.initialize(repeating: .empty)
    for (place, order) in zip(source.indices, source) {
      orders[place - source.startIndex] = lay(order, place)
    }
  }

  deinit {
    orders.deallocate()
    for text in texts { text.deallocate() }
  }

  private func lay(_ source: TestOrder, _ place: Int) -> bb_order {
    var order = bb_order.empty
    order.time = source.time
    order.price = source.price
    order.shares = source.shares
    order.usd = source.usd
    order.usd_floor = source.usd
    order.log_index = source.logIndex
    order.line = UInt64(place + 1)
    order.side = UInt8(source.side == "BUY" ? BB_SIDE_BUY : BB_SIDE_SELL)
    order.venue = UInt8(source.venue == "polymarket" ? BB_VENUE_POLYMARKET : BB_VENUE_KALSHI)
    order.role = UInt8(
      source.role == "taker" ? BB_ROLE_TAKER : source.role == "maker" ? BB_ROLE_MAKER : BB_ROLE_UNKNOWN)
    order[.user] = text(source.user)
    order[.taker] = text(source.taker)
    order[.tokenID] = text(source.token)
    order[.tokenLabel] = text(source.label)
    order[.marketSlug] = text(source.market)
    order[.txHash] = text(source.transaction ?? "0xtx\(place)")
    order[.orderHash] = text(source.orderHash)
    return order
  }

  private func text(_ string: String) -> bb_text {
    if string.isEmpty { return bb_text() }
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: string.utf8.count)
    _ = bytes.initialize(from: string.utf8)
    texts.append(bytes)
    return bb_text(bytes: UnsafePointer(bytes.baseAddress), count: UInt32(bytes.count), symbol: 0)
  }
}

/// A rule set in memory and how to run it.
struct TestEngine {
  var rules: [String: String]
  var libraries: [String: String] = [:]
  var labels: [String: String] = [:]
  var parameters: [String: [String: String]] = [:]
  var options = Engine.Options()

  /// One rule by the name `rule`.
  init(_ source: String) { rules = ["rule": source] }

  /// Rules by id.
  init(rules: [String: String]) { self.rules = rules }

  var sources: RuleSources {
    func files(_ texts: [String: String]) -> [RuleSources.File] {
      texts.map { RuleSources.File(name: $0.key, source: Array($0.value.utf8)) }
    }
    return RuleSources(
      rules: files(rules), libraries: files(libraries), labels: labels, parameters: parameters)
  }

  /// Runs the rules over the orders, `batch` of them at a time.
  func run(_ orders: [TestOrder], batch: Int = 64, threads: Int = 1) throws(Engine.Refusal) -> EngineRun {
    var options = options
    options.threads = threads
    let engine = try Engine(sources, options: options)
    var run = EngineRun()
    var output = EngineOutput()
    var at = 0
    while at < orders.count {
      let end = min(at + batch, orders.count)
      let laid = OrderBatch(orders[at..<end])
      engine.process(UnsafeMutableBufferPointer(rebasing: laid.orders[0..<(end - at)]), into: &output)
      run.take(output, engine)
      at = end
    }
    run.totals = engine.totals
    run.duplicates = engine.duplicates
    run.orders = engine.orders
    run.folded = engine.folded
    run.version = engine.version
    return run
  }

  /// The problem that keeps the one rule from loading, nil when it loads.
  func problem() -> RuleProblem? {
    do throws(Engine.Refusal) {
      _ = try Engine(sources, options: options)
      return nil
    } catch {
      return error.problems.first
    }
  }
}

/// What the rules of an engine said over a whole run.
struct EngineRun {
  /// In the order they were emitted, with their final fold counts.
  private(set) var signals: [Signal] = []
  private(set) var failures: [RuleFailure] = []
  private(set) var settles: [Int64] = []
  private(set) var evidenceKept = 0
  /// Printed text by rule.
  private(set) var logs: [String: String] = [:]
  var totals: [RuleTotals] = []
  var duplicates: UInt64 = 0
  var orders: UInt64 = 0
  var folded: UInt64 = 0
  var version = ""

  fileprivate mutating func take(_ output: EngineOutput, _ engine: Engine) {
    for emitted in output.signals {
      signals.append(emitted.signal)
      settles.append(emitted.settlesAt)
      for seq in emitted.signal.evidence where engine.withEvidence(seq, { _ in }) { evidenceKept += 1 }
    }
    for (id, count) in output.folds {
      guard let place = signals.firstIndex(where: { $0.id == id }) else { continue }
      signals[place].foldCount = count
    }
    failures += output.failures
    for (rule, text) in engine.takeLogs() { logs[rule, default: ""] += text }
  }

  /// The same signal with an empty version, to compare runs of different rule sets.
  static func withoutVersion(_ signal: Signal) -> Signal {
    var result = signal
    result.version = ""
    return result
  }

  mutating func forgetVersion() { signals = signals.map { EngineRun.withoutVersion($0) } }

  var titles: [String] { signals.map(\.title) }

  /// What `print` wrote, line by line.
  var lines: [String] { logs.values.joined().split(separator: "\n").map(String.init) }
}

/// A small random number generator with a seed: the same numbers in every run.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

import OrderFlow
import Testing

@testable import RuleEngine

/// What a window is tried with: a shape in Lua and in the reference, and the key.
private struct WindowCase: Sendable, CustomTestStringConvertible {
  var lua: String
  var shape: ReferenceWindow.Shape
  var keys: [String]
  var buysOnly = false
  var testDescription: String { "\(lua) by \(keys)\(buysOnly ? ", purchases" : "")" }

  static let all: [WindowCase] = {
    let sliding = "window.sliding { span = '60s'"
    let tumbling = "window.tumbling { span = '1m'"
    let session = "window.session { gap = '30s', span = '5m'"
    return [
      WindowCase(lua: sliding, shape: .sliding(span: 60_000), keys: ["user"]),
      WindowCase(lua: sliding, shape: .sliding(span: 60_000), keys: ["token_id", "side"], buysOnly: true),
      WindowCase(lua: sliding, shape: .sliding(span: 60_000), keys: ["user", "token_id", "side"]),
      WindowCase(lua: tumbling, shape: .tumbling(width: 60_000), keys: ["user"]),
      WindowCase(lua: tumbling, shape: .tumbling(width: 60_000), keys: ["side", "user"], buysOnly: true),
      WindowCase(lua: tumbling, shape: .tumbling(width: 60_000), keys: ["user", "token_id", "side"]),
      WindowCase(lua: session, shape: .session(gap: 30_000, span: 300_000), keys: ["user"]),
      WindowCase(lua: session, shape: .session(gap: 30_000, span: 300_000), keys: ["side"]),
      WindowCase(
        lua: session, shape: .session(gap: 30_000, span: 300_000), keys: ["token_id", "user"], buysOnly: true),
    ]
  }()
}

@Suite("Windows against a reference that forgets nothing")
struct WindowTests {
  /// Says everything that a window's groups hold: at every order, at every close, and all groups now and then.
  private static func rule(_ window: WindowCase) -> String {
    let by = window.keys.map { "'\($0)'" }.joined(separator: ", ")
    let label = window.keys.map { "g.\($0)" }.joined(separator: " .. '|' .. ")
    let onClose = """
      function R.on_close(name, key, g)
        local title = 'close ' .. name .. ' ' .. table.concat(key, '|') .. ' ' .. now() .. dump(g)
        signal { title = title, evidence = g:orders() }
      end
      """
    let isSliding = if case .sliding = window.shape { true } else { false }
    return """
      local R = rule { title = 't', windows = { x = \(window.lua), by = { \(by) },
        \(window.buysOnly ? "where = { side = 'BUY' }," : "")
        agg = { n = count(), sum = sum 'usd', lo = min 'price', hi = max 'price', first = first 'price',
          last = last 'price', opener = first 'user', market = last 'market_slug', users = distinct 'user',
          amounts = distinct 'usd', q50 = quantile('usd', 0.5), q95 = quantile('usd', 0.95),
          q100 = quantile('usd', 1), best = top('user', 2, 'usd'), mean = mean 'usd', sd = stddev 'usd',
          ew = ewma('price', '20s') } } } }
      local function dump(g)
        local best = {}
        for i, e in ipairs(g.best) do best[i] = e.user .. '=' .. e.usd end
        local out = { g.n, g.sum, g.lo, g.hi, g.first, g.last, tostring(g.opener), tostring(g.market), g.users,
          g.amounts, g.q50, g.q95, g.q100, table.concat(best, ','), g.mean, g.sd or 'nil', g.ew }
        return ' ' .. table.concat(out, ' ')
      end
      function R.on_order(o, w)
        local g = w.x
        if g then signal { title = 'order' .. dump(g), evidence = g:orders() } else signal { title = 'none' } end
        if o.seq % 10 == 0 then
          local all = {}
          for g in groups 'x' do all[#all + 1] = \(label) .. '=' .. g.n end
          signal { title = 'all ' .. table.concat(all, ' ') }
        end
      end
      \(isSliding ? "" : onClose)
      return R
      """
  }

  /// Orders in seconds, a fifth of them late by up to two minutes, with pauses and many at the same time.
  static func flow(_ seed: UInt64, _ count: Int) -> [TestOrder] {
    var random = SeededRandom(seed)
    var clock: Int64 = 1_760_000_000_000
    return (0..<count).map { _ in
      switch Int.random(in: 0..<40, using: &random) {
      case 0: clock += 600_000
      case 1...5: clock += Int64.random(in: 20...70, using: &random) * 1000
      case 6...15: break
      default: clock += Int64.random(in: 1...6, using: &random) * 1000
      }
      let isLate = Int.random(in: 0..<5, using: &random) == 0
      let time = isLate ? clock - Int64.random(in: 1...120, using: &random) * 1000 : clock
      return TestOrder(time) {
        $0.user = ["0xa", "0xb", "0xc", "0xd"][Int.random(in: 0..<4, using: &random)]
        $0.token = ["7", "10", "9"][Int.random(in: 0..<3, using: &random)]
        $0.side = Bool.random(using: &random) ? "BUY" : "SELL"
        $0.price = Int64.random(in: 1...9, using: &random) * 100_000
        $0.usd = Int64.random(in: 0...5, using: &random) * 1_000_001
        $0.market = ["", "m1", "m2"][Int.random(in: 0..<3, using: &random)]
      }
    }
  }

  private func expected(_ window: WindowCase, _ orders: [TestOrder]) -> (lines: [Line], tooLate: Int) {
    let buysOnly = window.buysOnly
    var reference = ReferenceWindow(window.shape, by: window.keys) { !buysOnly || $0.side == "BUY" }
    var lines: [Line] = []
    for (place, order) in orders.enumerated() {
      let seq = Int64(place + 1)
      let (closed, group) = reference.take(order, seq)
      for close in closed {
        let head = ["close", "x", close.key.joined(separator: "|"), "\(close.end)"]
        lines.append(Line(seq: seq, head: head, items: close.items, time: close.end))
      }
      lines.append(Line(seq: seq, head: [group == nil ? "none" : "order"], items: group, time: order.time))
      if seq % 10 == 0 {
        let all = reference.groups().map { group in
          "\(group.first?.key.joined(separator: "|") ?? "")=\(group.count)"
        }
        lines.append(Line(seq: seq, head: ["all"] + all, items: nil, time: order.time))
      }
    }
    return (lines, reference.tooLate)
  }

  /// A signal as the reference expects it.
  private struct Line {
    var seq: Int64
    var head: [String]
    var items: [ReferenceWindow.Item]?
    var time: Int64

    /// What differs from a signal, nil when nothing does.
    func difference(_ signal: Signal) -> String? {
      var words = signal.title.split(separator: " ").map(String.init)
      guard signal.seq == seq, signal.time == time, words.starts(with: head) else {
        return
          "expected \(head) at seq \(seq), time \(time); got \(signal.title) at \(signal.seq), \(signal.time)"
      }
      guard let items else { return words.count == head.count ? nil : "more than expected: \(signal.title)" }
      words.removeFirst(head.count)
      let aggregates = ReferenceAggregates(items)
      let exact = aggregates.exact
      if Array(words.prefix(exact.count)) != exact { return "seq \(seq): expected \(exact), got \(words)" }
      if signal.evidence != aggregates.seqs {
        return "seq \(seq): orders \(signal.evidence), not \(aggregates.seqs)"
      }
      for (word, value) in zip(words.dropFirst(exact.count), aggregates.floats) {
        guard let value else {
          if word == "nil" { continue }
          return "seq \(seq): \(word) instead of nil"
        }
        guard let number = Double(word), abs(number - value) <= 1e-9 * max(1, abs(value)) else {
          return "seq \(seq): \(word) instead of \(value)"
        }
      }
      return nil
    }
  }

  @Test(
    "every aggregate, close and listing is what the reference says", arguments: WindowCase.all,
    [1, 2] as [UInt64])
  fileprivate func agreesWithReference(window: WindowCase, seed: UInt64) throws {
    let orders = WindowTests.flow(seed, 240)
    let run = try TestEngine(WindowTests.rule(window)).run(orders)
    #expect(run.failures.map(\.message) == [])
    let (lines, tooLate) = expected(window, orders)
    #expect(run.signals.count == lines.count)
    #expect(zip(lines, run.signals).compactMap { $0.difference($1) }.first == nil)
    #expect(run.totals.first?.tooLate == UInt64(tooLate))
    #expect(Set(run.signals.map(\.id)).count == run.signals.count)
  }

  /// All windows, each in a rule of its own, and what they say when each runs alone.
  private static let alone: (rules: [String: String], signals: [Signal]) = {
    var rules: [String: String] = [:]
    for (place, window) in WindowCase.all.enumerated() { rules["w\(place)"] = WindowTests.rule(window) }
    var signals: [Signal] = []
    for (name, source) in rules.sorted(by: { $0.key < $1.key }) {
      signals += (try? TestEngine(rules: [name: source]).run(flow(9, 150)).signals) ?? []
    }
    let sorted = signals.enumerated().sorted { left, right in
      (left.element.seq, left.element.rule, left.offset) < (
        right.element.seq, right.element.rule, right.offset
      )
    }
    return (rules, sorted.map(\.element))
  }()

  @Test(
    "batch size, threads and other rules change no byte",
    arguments: zip([1, 3, 64, 512, 7], [1, 2, 4, 3, 1]))
  func independentOfBatches(batch: Int, threads: Int) throws {
    let alone = WindowTests.alone
    var together = try TestEngine(rules: alone.rules).run(
      WindowTests.flow(9, 150), batch: batch, threads: threads)
    together.forgetVersion()
    #expect(together.signals.count > 1000)
    #expect(together.signals.map(\.id) == alone.signals.map(\.id))
    #expect(together.signals == alone.signals.map { EngineRun.withoutVersion($0) })
  }
}

import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Symbols")
struct SymbolTests {
  private func symbol(_ text: String, in table: inout SymbolTable) -> UInt32 {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return table.symbol(base, UInt32(buffer.count), hash: SymbolHash.of(base, buffer.count))
    }
  }

  private func find(_ text: String, in table: borrowing SymbolTable) -> UInt32 {
    let bytes = Array(text.utf8)
    return bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return table.find(base, buffer.count, hash: SymbolHash.of(base, buffer.count))
    }
  }

  @Test("equal texts share a symbol, different ones never do, through growth and sweeps")
  func table() {
    var table = SymbolTable()
    var known: [String: UInt32] = [:]
    for round in 0..<3 {
      for number in 0..<40_000 where number % 3 != 1 || round == 0 {
        let text = "wallet \(number + round * 7)"
        let given = symbol(text, in: &table)
        #expect(given != 0)
        if let before = known[text], before != given { Issue.record("\(text) was \(before) and is \(given)") }
        known[text] = given
      }
      #expect(Set(known.values).count == known.count)
      for (text, number) in known where number % 2 == 0 {
        table.mark(Int64(number))
        #expect(String(decoding: table.text(number), as: UTF8.self) == text)
      }
      table.sweep()
      known = known.filter { $0.value % 2 == 0 }
      #expect(table.live == known.count)
      #expect(known.allSatisfy { find($0.key, in: table) == $0.value })
    }
    #expect(find("never seen", in: table) == 0)
    table.mark(-1)
    table.mark(Int64.max)
  }

  private let remembering = TestEngine(
    """
    local R = rule { title = 't', windows = {
      x = window.sliding { by = {'market_slug'}, span = '365d', where = { user = one_of('0xa', '0xb', '0xc') },
        agg = { n = count(), first = first 'user', last = last 'user', users = distinct 'user', best = top('user', 3, 'usd') } },
      y = window.tumbling { by = {'user'}, span = '365d', where = { side = 'SELL' }, agg = { n = count() } },
      busy = window.sliding { by = {'user', 'token_id'}, span = '1s', agg = { n = count() } } } }
    function R.on_order(o, w)
      if not w.x then return end
      local best = {}
      for i, e in ipairs(w.x.best) do best[i] = e.user .. e.usd end
      local sellers = {}
      for g in groups 'y' do sellers[#sellers + 1] = g.user .. g.n end
      signal { title = table.concat({ o.user, w.x.n, w.x.first, w.x.last, w.x.users, table.concat(best, ','),
        table.concat(sellers, ','), w.busy.n, o.token_id }, ' ') }
    end
    return R
    """)

  /// Three wallets that are watched, and between their orders as many passers-by as asked.
  private func crowd(_ passersBy: Int) -> [TestOrder] {
    var orders: [TestOrder] = []
    for place in 0..<60 {
      orders.append(
        TestOrder(Int64(place) * 1000) {
          $0.user = ["0xa", "0xb", "0xc"][place % 3]
          $0.side = place % 7 == 0 ? "SELL" : "BUY"
          $0.token = "t\(place % 4)"
          $0.market = "m\(place % 2)"
          $0.transaction = "0xwatched\(place)"
        })
      for passer in 0..<passersBy {
        orders.append(
          TestOrder(Int64(place) * 1000) {
            $0.user = "0xpasser\(place)x\(passer)"; $0.token = "token \(passer % 50)"
          })
      }
    }
    return orders
  }

  @Test("sweeps keep every text that a window uses, and change no result")
  func sweeps() throws {
    let quiet = try remembering.run(crowd(0))
    let loud = try remembering.run(crowd(3000), batch: 512)
    #expect(loud.failures.isEmpty)
    #expect(quiet.titles.count == 60)
    #expect(loud.titles == quiet.titles)
    #expect(loud.signals.map(\.id) == quiet.signals.map(\.id))
  }

  @Test("sweeps keep every text that a pending match uses")
  func sequences() throws {
    let matching = TestEngine(
      """
      local R = rule { title = 't', sequences = {
        s = sequence { by = {'user', 'token_label'}, within = '40s', step 'a' { side = 'SELL' },
          step 'b' { user = one_of('0xa', '0xb', '0xc') }, step 'c' { token_id = 't1' }, step 'd' { token_id = 't2' } },
        quiet = sequence { by = {'token_id'}, within = '9s', step 'a' { side = 'SELL' },
          never 'b' { side = 'SELL' } } } }
      function R.on_sequence(name, m)
        local text = { name, m.key.user or '', m.key.token_label or '', m.key.token_id or '' }
        for name, step in pairs(m.steps) do
          text[#text + 1] = name .. step.t .. step.user .. step.token_id .. step.market_slug
        end
        signal { title = table.concat(text, ' ') }
      end
      return R
      """)
    let quiet = try matching.run(crowd(0))
    let loud = try matching.run(crowd(3000), batch: 512)
    #expect(loud.failures.isEmpty)
    #expect(quiet.titles.contains { $0.hasPrefix("s 0x") } && quiet.titles.contains { $0.hasPrefix("quiet") })
    #expect(loud.titles == quiet.titles)
    #expect(loud.signals.map(\.id) == quiet.signals.map(\.id))
  }

  @Test("texts that nothing refers to any more are forgotten: the table does not grow with the stream")
  func forgetting() throws {
    let engine = try Engine(remembering.sources)
    var output = EngineOutput()
    var most = 0
    for batch in 0..<500 {
      let orders = (0..<500).map { place in
        TestOrder(Int64(batch) * 2000) {
          $0.user = "0xpasser\(batch)-\(place)"
          $0.transaction = "0x\(batch)-\(place)"
        }
      }
      let laid = OrderBatch(orders[...])
      engine.process(UnsafeMutableBufferPointer(rebasing: laid.orders[0..<500]), into: &output)
      most = max(most, engine.symbolCount)
    }
    #expect(engine.orders == 250_000)
    #expect(most >= 60_000, "no sweep was ever due")
    #expect(most <= 70_000)
  }
}

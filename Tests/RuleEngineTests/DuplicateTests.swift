import COrderFlow
import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Repeats and twins")
struct DuplicateTests {
  private let counting = TestEngine(
    "local R = rule { title = 't' }\nfunction R.on_order(o) signal { title = o.market_slug or '-' } end\nreturn R"
  )

  private func leg(_ change: (inout TestOrder) -> Void = { _ in }) -> TestOrder {
    TestOrder(1000) {
      $0.transaction = "0x1"
      change(&$0)
    }
  }

  private let hashA = "0x" + String(repeating: "a", count: 64)
  private let hashB = "0x" + String(repeating: "b", count: 64)

  @Test("a leg that agrees in the whole identity is a repeat, whatever else differs", arguments: [1, 2, 64])
  func repeats(batch: Int) throws {
    let run = try counting.run(
      [
        leg(), leg(),
        leg {
          $0.time = 9000; $0.market = "other"; $0.label = "No"; $0.taker = "0xt"; $0.role = "taker"
        },
      ], batch: batch)
    #expect(run.orders == 1)
    #expect(run.duplicates == 2)
    #expect(run.signals.map(\.seq) == [1])
  }

  @Test("each part of the identity makes another leg: one transaction has many legs")
  func legs() throws {
    let run = try counting.run([
      leg(), leg { $0.venue = "kalshi" }, leg { $0.transaction = "0x2" }, leg { $0.token = "2" },
      leg { $0.user = "0xb" },
      leg { $0.side = "SELL" }, leg { $0.shares = 1 }, leg { $0.price = 1 },
    ])
    #expect(run.orders == 8)
    #expect(Set(run.signals.map(\.id)).count == 8)
  }

  @Test("one order that fills many times is as many legs")
  func oneOrderManyFills() throws {
    let orders = (0..<5).map { place in
      leg {
        $0.orderHash = hashA; $0.transaction = "0x\(place)"
      }
    }
    #expect(try counting.run(orders).orders == 5)
  }

  @Test(
    "twins that differ in order hash or log index where both carry it are both kept, under different identities"
  )
  func twins() throws {
    for pair in [
      [leg { $0.orderHash = hashA }, leg { $0.orderHash = hashB }],
      [leg { $0.logIndex = 0 }, leg { $0.logIndex = 1 }],
      [
        leg {
          $0.orderHash = hashA; $0.logIndex = 3
        },
        leg {
          $0.orderHash = hashA; $0.logIndex = 4
        },
      ],
    ] {
      let run = try counting.run(pair + pair)
      #expect(run.orders == 2)
      #expect(run.duplicates == 2)
      #expect(Set(run.signals.map(\.id)).count == 2)
    }
  }

  @Test("a message that lacks the hash or the index repeats one that has it; what it adds is remembered")
  func partial() throws {
    #expect(try counting.run([leg { $0.orderHash = hashA }, leg { $0.logIndex = 5 }, leg()]).orders == 1)
    let learned = try counting.run([
      leg(), leg { $0.orderHash = hashA }, leg { $0.orderHash = hashB }, leg { $0.orderHash = hashA },
    ])
    #expect(learned.orders == 2)
    #expect(learned.duplicates == 2)
  }

  @Test("order hashes that differ in their last digits only are different")
  func similarHashes() throws {
    let zeros = "0x" + String(repeating: "0", count: 62)
    let orders = (10..<60).map { place in leg { $0.orderHash = zeros + "\(place)" } }
    #expect(try counting.run(orders + orders).orders == 50)
  }

  @Test("repeats are dropped before the rules: no number, no window, no signal", arguments: [1, 3, 512])
  func beforeRules(batch: Int) throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '1h', agg = { n = count(), usd = sum 'usd' } } } }
      function R.on_order(o, w) signal { title = o.seq .. ' ' .. w.x.n .. ' ' .. w.x.usd } end
      return R
      """)
    let orders = WindowTests.flow(8, 60).enumerated().map { place, order in
      var order = order
      order.transaction = "0x\(place)"
      return order
    }
    var noisy: [TestOrder] = []
    var random = SeededRandom(2)
    for (place, order) in orders.enumerated() {
      noisy.append(order)
      while Bool.random(using: &random) { noisy.append(orders[Int.random(in: 0...place, using: &random)]) }
    }
    let clean = try engine.run(orders)
    let run = try engine.run(noisy, batch: batch)
    #expect(run.signals == clean.signals)
    #expect(run.duplicates == UInt64(noisy.count - orders.count))
  }

  @Test("the filter remembers at least its limit and at most two generations, by the stream alone")
  func generations() {
    var filter = DuplicateFilter(limit: 1000)
    for key in 1...5000 as ClosedRange<UInt64> {
      #expect(filter.look(key &* 0x9E37_79B9_7F4A_7C15, orderHash: 0, logIndex: 0) == .new(twin: 0))
      let remembered = key > 999 ? key - 999 : 1
      #expect(filter.look(remembered &* 0x9E37_79B9_7F4A_7C15, orderHash: 0, logIndex: 0) == .duplicate)
    }
    #expect(filter.look(1 &* 0x9E37_79B9_7F4A_7C15, orderHash: 0, logIndex: 0) == .new(twin: 0))
  }

  @Test("a digest of zero is a digest like any other")
  func zero() {
    var filter = DuplicateFilter(limit: 10)
    #expect(filter.look(0, orderHash: 0, logIndex: 0) == .new(twin: 0))
    #expect(filter.look(0, orderHash: 0, logIndex: 0) == .duplicate)
  }

  @Test("twins are counted across the generations of the filter")
  func twinsAcrossGenerations() {
    var filter = DuplicateFilter(limit: 100)
    #expect(filter.look(7, orderHash: 1, logIndex: 0) == .new(twin: 0))
    for key in 1000..<1600 as Range<UInt64> {
      _ = filter.look(key &* 0x9E37_79B9_7F4A_7C15, orderHash: 0, logIndex: 0)
    }
    #expect(filter.look(7, orderHash: 2, logIndex: 0) == .new(twin: 1))
    #expect(filter.look(7, orderHash: 1, logIndex: 0) == .duplicate)
    #expect(filter.look(7, orderHash: 3, logIndex: 0) == .new(twin: 2))
  }

  @Test("REST rows without a log index are told apart by how many stand before them in one read")
  func ordinals() {
    var filter = DuplicateFilter(limit: 100)
    // Two equal messages of a stream cannot be told from a resend.
    #expect(filter.look(7, orderHash: 0, logIndex: 0) == .new(twin: 0))
    #expect(filter.look(7, orderHash: 0, logIndex: 0) == .duplicate)
    // A read that lists three of them proves three, whatever the next reads list.
    for (ordinal, verdict) in [
      (0, DuplicateFilter.Verdict.duplicate), (1, .new(twin: 1)), (2, .new(twin: 2)), (0, .duplicate),
      (1, .duplicate), (2, .duplicate), (3, .new(twin: 3)),
    ] {
      #expect(filter.look(7, orderHash: 0, logIndex: 0, ordinal: UInt32(ordinal)) == verdict)
    }
  }

  @Test("the order in which REST lists twins does not matter", arguments: [[5, 6], [6, 5]])
  func restOrder(first: [Int]) {
    for second in [[5, 6], [6, 5]] {
      var filter = DuplicateFilter(limit: 100)
      #expect(filter.look(7, orderHash: 1, logIndex: 0) == .new(twin: 0))
      #expect(filter.look(7, orderHash: 1, logIndex: UInt32(first[0])) == .duplicate)
      #expect(filter.look(7, orderHash: 1, logIndex: UInt32(first[1])) == .new(twin: 1))
      for index in second { #expect(filter.look(7, orderHash: 1, logIndex: UInt32(index)) == .duplicate) }
      // After a restart the first has no log index any more.
      var later = DuplicateFilter(limit: 100)
      #expect(later.look(7, orderHash: 1, logIndex: 0) == .new(twin: 0))
      #expect(later.look(7, orderHash: 1, logIndex: UInt32(first[1]), ordinal: 1) == .new(twin: 1))
      for index in second { #expect(later.look(7, orderHash: 1, logIndex: UInt32(index)) == .duplicate) }
    }
  }

  @Test("an order that the filter has forgotten is a repeat when it is late or from REST and is stored")
  func stored() throws {
    let engine = try Engine(counting.sources)
    var output = EngineOutput()
    func verdict(_ time: Int64, origin: Int, isStored: Bool) -> Bool {
      let laid = OrderBatch([TestOrder(time) { $0.transaction = "0x\(time)\(origin)\(isStored)" }][...])
      laid.orders[0].origin = UInt8(origin)
      var asked = 0
      engine.process(
        UnsafeMutableBufferPointer(rebasing: laid.orders[..<1]),
        isStored: { _ in
          asked += 1
          return isStored
        }, into: &output)
      #expect(asked == (time < 90_000 || origin != 0 ? 1 : 0))
      return output.orderCount == 1
    }
    #expect(verdict(100_000, origin: 0, isStored: true))
    #expect(verdict(99_000, origin: 0, isStored: true))
    #expect(!verdict(80_000, origin: 0, isStored: true))
    #expect(verdict(80_000, origin: 0, isStored: false))
    #expect(!verdict(100_000, origin: 1, isStored: true))
    #expect(verdict(100_000, origin: 2, isStored: false))
    #expect(engine.duplicates == 2)
    #expect(engine.lastSequence == 4)
  }
}

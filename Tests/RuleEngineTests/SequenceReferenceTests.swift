import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Sequences against the plain machine")
struct SequenceReferenceTests {
  static let sequences: [ReferenceSequence] = [
    ReferenceSequence("s1", "A B C", within: 20_000),
    ReferenceSequence("s2", "A !D B", within: 20_000),
    ReferenceSequence("s3", "A B !D", within: 12_000),
    ReferenceSequence("s4", "A !D B !A C !E", within: 30_000),
    ReferenceSequence("s5", "A A A", within: 9_000),
    ReferenceSequence("s6", "AB !E * !C", within: 15_000),
    ReferenceSequence("s7", "A !*", within: 7_000),
    ReferenceSequence("s8", "A B C D E", within: 60_000),
  ]

  static let source = """
    local R = rule { title = 't', sequences = { \(sequences.map(\.source).joined(separator: ",\n")) } }
    function R.on_order(o) if o.seq % 3 == 0 then signal { title = 'order ' .. o.seq } end end
    function R.on_sequence(name, m)
      local seqs = {}
      for i = 0, 15 do
        local step = m.steps['e' .. i]
        if step then seqs[#seqs + 1] = step.seq end
      end
      signal { title = name .. ' ' .. m.key.user .. '|' .. m.key.side .. ' ' .. table.concat(seqs, ' ') .. ' @' .. now() }
    end
    return R
    """

  static func flow(_ seed: Int, _ count: Int) -> [TestOrder] {
    var random = SeededRandom(UInt64(seed))
    var time: Int64 = 1_000_000
    return (0..<count).map { place in
      time += Int64.random(in: 0...3, using: &random) * 500
      let isLate = Int.random(in: 0..<6, using: &random) == 0
      let back = isLate ? Int64.random(in: 0...60, using: &random) * 500 : 0
      return TestOrder(time - back) {
        $0.user = "u\(Int.random(in: 0..<2, using: &random))"
        $0.side = Int.random(in: 0..<3, using: &random) == 0 ? "SELL" : "BUY"
        $0.price = Int64.random(in: 1...5, using: &random)
        $0.transaction = "0x\(place)"
      }
    }
  }

  static func expected(_ orders: [TestOrder]) -> [String] {
    var machines = sequences
    var result: [String] = []
    var clock = Int64.min
    func title(_ name: String, _ match: ReferenceSequence.Match, _ now: Int64) -> String {
      "\(name) \(match.key) \(match.items.map { "\($0.seq)" }.joined(separator: " ")) @\(now)"
    }
    for (place, order) in orders.enumerated() {
      let seq = Int64(place + 1)
      clock = max(clock, order.time)
      var due: [(Int64, Int, String, String)] = []
      var done: [String] = []
      for number in machines.indices {
        let (absences, completed) = machines[number].take(order, seq)
        for match in absences {
          due.append((match.deadline, number, match.key, title(machines[number].name, match, match.deadline)))
        }
        if let completed { done.append(title(machines[number].name, completed, clock)) }
      }
      result += due.sorted { ($0.0, $0.1, $0.2) < ($1.0, $1.1, $1.2) }.map(\.3)
      if seq % 3 == 0 { result.append("order \(seq)") }
      result += done
    }
    return result
  }

  @Test("random flows with late orders, whatever the size of the batches", arguments: 1...40)
  func random(seed: Int) throws {
    let orders = Self.flow(seed, 500)
    let expected = Self.expected(orders)
    let batch = [1, 7, 64, 512][seed % 4]
    let run = try TestEngine(Self.source).run(orders, batch: batch)
    #expect(run.titles == expected)
    #expect(run.failures.isEmpty)
    #expect(Set(run.signals.map(\.id)).count == run.signals.count)
    // Each of them has found something, or the comparison proves nothing.
    for sequence in Self.sequences.prefix(7) {
      #expect(expected.contains { $0.hasPrefix(sequence.name) }, "\(sequence.name)")
    }
  }

  @Test("neither batches nor threads change a signal")
  func invariance() throws {
    let orders = Self.flow(99, 2000)
    let engine = TestEngine(rules: ["a": Self.source, "b": Self.source, "c": Self.source, "d": Self.source])
    let whole = try engine.run(orders, batch: 512)
    #expect(whole.signals.count > 1000)
    for (batch, threads) in [(1, 1), (7, 4), (512, 4), (64, 2)] {
      #expect(try engine.run(orders, batch: batch, threads: threads).signals == whole.signals)
    }
  }

  @Test(
    "what an order did long ago decides nothing: the last orders of the journal restore every match",
    arguments: 1...30)
  func memory(seed: Int) throws {
    let orders = Self.flow(seed + 500, 400)
    let sources = TestEngine(Self.source).sources
    var whole = Drive(engine: try Engine(sources))
    var log = EventLog()
    var marks: [(seq: Int64, clock: Int64, signals: Int)] = []
    for order in orders {
      whole.feed([.order(order)][...], batch: 1, &log)
      marks.append((whole.engine.lastSequence, whole.engine.clock, whole.signals.count))
    }
    let longest = Self.sequences.map(\.within).max() ?? 0
    #expect(whole.engine.memory == Int64(2 * 30_000 + 3_600_000 + 5_001))
    var random = SeededRandom(UInt64(seed))
    let cut = marks[Int.random(in: 200..<390, using: &random)]
    let mark = try #require(marks.last { $0.clock <= cut.clock - longest - 5_001 })
    let engine = try Engine(sources)
    _ = try engine.begin(after: mark.seq, clock: mark.clock, states: [:], end: cut.seq)
    var past = EventLog()
    past.entries = log.entries.filter { $0.seq <= cut.seq }
    past.restore(into: engine, after: mark.seq)
    engine.endRestoring(at: cut.seq)
    var second = Drive(engine: engine)
    var rest = EventLog()
    second.feed(orders[Int(cut.seq)...].map { .order($0) }[...], batch: 1, &rest)
    #expect(second.signals == Array(whole.signals[cut.signals...]))
  }
}

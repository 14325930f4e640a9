import COrderFlow
import CRuleVM
import Glibc
import OrderFlow
import Testing

@testable import RuleEngine

/// A VM of its own under a test's hands.
private final class TestVM {
  let vm: OpaquePointer
  private var host = crv_host()

  init(_ body: String, _ limits: RuleLimits) throws {
    var caps = limits.caps
    vm = try #require(crv_new("rule", &caps))
    let source = "local R = rule {}\nfunction R.on_order(o)\n\(body)\nend\nreturn R\n"
    try #require(crv_load(vm, "rule.lua", source, source.utf8.count) == Int32(CRV_OK))
    try #require(crv_bind_windows(vm, nil, 0) == Int32(CRV_OK))
  }

  deinit { crv_free(vm) }

  /// Runs the orders and goes on after each failure; returns the places that failed, with the kind.
  func run(_ batch: OrderBatch, count: Int32) -> [(place: Int32, kind: Int32)] {
    var failures: [(Int32, Int32)] = []
    var from: Int32 = 0
    while from < count {
      var at: Int32 = 0
      let status = crv_run(vm, batch.orders.baseAddress, count, from, &host, &at)
      if Int(status) == CRV_OK { break }
      failures.append((at, status))
      from = at + 1
    }
    return failures
  }

  /// Titles since the last call, with the place of their order.
  func takeTitles() -> [(place: Int32, title: String)] {
    var count = 0
    let signals = UnsafeBufferPointer(start: crv_signals(vm, &count), count: count)
    defer { crv_clear(vm) }
    return signals.map { signal in
      let bytes = UnsafeRawBufferPointer(start: signal.title.bytes, count: signal.title.count)
      return (signal.index, String(decoding: bytes, as: UTF8.self))
    }
  }
}

@Suite("Hostile rules in the engine", .serialized)
struct HostileEngineTests {
  private var short: RuleLimits {
    var limits = RuleLimits()
    limits.callMilliseconds = 1
    return limits
  }

  @Test("2,000 kills in a row do no damage to the VM beside or to the killed one")
  func manyKills() throws {
    let killed = try TestVM(
      "state.n = (state.n or 0) + 1\nwhile true do local t = { {}, o.user .. state.n } end", short)
    let healthy = try TestVM(
      "state.n = (state.n or 0) + o.usd\nsignal { title = o.user .. state.n }", RuleLimits())
    let batch = OrderBatch([TestOrder(1000)])
    for round in 1...2000 {
      let failures = killed.run(batch, count: 1)
      #expect(failures.map(\.kind) == [Int32(CRV_KILLED)])
      crv_collect(killed.vm)
      #expect(healthy.run(batch, count: 1).isEmpty)
      #expect(healthy.takeTitles().map(\.title) == ["0xa\(round * 5_000_000)"])
      crv_collect(healthy.vm)
    }
    var count = 0
    #expect(crv_save_state(killed.vm, &count) != nil)
  }

  @Test("a kill that comes late never hits the next order")
  func lateKills() throws {
    // Every second order spins for about as long as the watchdog takes to act, each a little longer.
    let vm = try TestVM(
      "if o.side == 'SELL' then for i = 1, o.usd do end end\nsignal { title = o.side }", short)
    var killed = 0
    for round in 0..<20 {
      let orders = (0..<64).map { place in
        TestOrder(Int64(place)) { order in
          order.side = place % 2 == 0 ? "BUY" : "SELL"
          order.usd = Int64(round * 64 + place) * 1500
        }
      }
      let failures = vm.run(OrderBatch(orders[...]), count: 64)
      killed += failures.count
      #expect(failures.allSatisfy { $0.place % 2 == 1 && $0.kind == Int32(CRV_KILLED) })
      let failed = Set(failures.map(\.place))
      let titles = vm.takeTitles()
      #expect(titles.map(\.place) == (0..<64).filter { !failed.contains($0) })
      #expect(titles.allSatisfy { $0.title == ($0.place % 2 == 0 ? "BUY" : "SELL") })
    }
    #expect(killed > 0)
  }

  @Test("10,000 VMs leave no memory behind")
  func manyLoads() throws {
    func load(_ times: Int) throws {
      for _ in 0..<times { _ = try TestVM("signal { title = o.user, data = { 1, 2 } }", RuleLimits()) }
    }
    try load(1000)
    let before = residentBytes()
    try load(10_000)
    // A VM takes over 100 KB; other tests run in this process at the same time.
    #expect(residentBytes() - before < 64 << 20)
  }

  private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [CChar](repeating: 0, count: 128)
    guard fgets(&text, 128, file) != nil else { return 0 }
    let words = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: " ")
    return (Int(words[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE))
  }

  /// Reads fields often and rarely, present and absent; breaks rules every now and then.
  private static let mixed = [
    "absent": "local x = o.label or o.taker or o.role signal { title = o.user .. tostring(x) }",
    "cold": "if o.seq % 7 == 0 then signal { title = o.tx_hash .. o.market_slug } end",
    "fails": "if o.seq % 260 == 0 then error(o.user) end signal { title = tostring(math.random(1000)) }",
    "scribbles":
      "local ok = pcall(function() o.user = 'nobody' end) signal { title = tostring(ok) .. o.user }",
    "greedy":
      "if o.seq % 270 == 0 then local s = 'x' while true do s = s .. s end end signal { title = o.side }",
    "garbage": "for i = 1, 4 do local s = ('x'):rep(20000) .. i end signal { title = o.user }",
    "quits": "if o.seq > 100 then error('enough') end signal { title = tostring(o.seq) }",
  ]

  @Test("batches and threads cannot be seen", arguments: [1, 7, 64, 512], [1, 2, 3])
  func invisibleBatches(batch: Int, threads: Int) throws {
    var engine = TestEngine(
      rules: Self.mixed.mapValues { "local R = rule {}\nfunction R.on_order(o)\n\($0)\nend\nreturn R" })
    engine.options.limits = HostileRun.limits
    engine.options.limits.callMilliseconds = 2000
    let orders = (1...1100).map { number in
      TestOrder(Int64(number) * 1000) { order in
        order.user = "0x\(number % 300)"
        order.label = number % 3 == 0 ? "Yes" : ""
      }
    }
    let expected = try engine.run(orders, batch: 100)
    let run = try engine.run(orders, batch: batch, threads: threads)
    #expect(run.signals == expected.signals)
    #expect(run.failures == expected.failures)
    #expect(
      run.failures.filter { $0.rule == "greedy" }.map(\.kind) == ["memory", "memory", "memory", "memory"])
    #expect(run.failures.filter { $0.rule == "quits" }.map(\.seq) == [101, 102, 103, 104, 105])
    #expect(!run.failures.contains { ["absent", "cold", "garbage", "scribbles"].contains($0.rule) })
  }

  @Test("kills of an earlier run are repeated at the same orders")
  func repeatedKills() throws {
    var engine = TestEngine(
      "local R = rule {}\nfunction R.on_order(o) signal { title = tostring(o.seq) } end\nreturn R")
    engine.options.kills = [
      Kill(rule: "rule", hook: "on_order", seq: 3), Kill(rule: "other", hook: "on_order", seq: 4),
    ]
    let run = try engine.run((1...5).map { TestOrder(Int64($0)) })
    #expect(run.titles == ["1", "2", "4", "5"])
    #expect(run.failures.map(\.kind) == ["killed"])
  }
}

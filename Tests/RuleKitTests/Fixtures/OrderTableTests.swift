import Documents
import OrderFlow
import RuleKit
import Testing

@Suite struct OrderTableTests {
  private static let names = TestNames(
    wallets: ["alice": "0xa1", "bob": "0xb0b"],
    markets: [
      "btc": .init(slug: "btc-150k", outcomes: [("Yes", "8031"), ("Over 2.5", "7120")])
    ])

  private func read(_ text: String) throws -> [TestEvent] {
    try OrderTable.read(text, names: Self.names, start: 1_000_000, path: "t.yaml", line: 3)
  }

  @Test("what is written is read again as it was")
  func round() throws {
    let text = """
      +0s    alice BUY  10000      @0.55     btc.Yes
      +1500ms alice SELL 0.000001  @1        btc.Over_2.5  role=maker
      +60s   bob   BUY  $5500      @0.55     btc.Yes       taker=alice venue=kalshi #> high
      +90s   tick                                          #> low
      +2m    gap 30s filled
      +2m    0xc0ffee BUY 1 @0.5 btc.Yes                   #= folded #~ late
      """
    let events = try read(text)
    let lines = OrderTableWriter.lines(events, names: Self.names, start: 1_000_000)
    #expect(
      lines
        == [
          "+0s     alice    BUY     10000 @0.55 btc.Yes",
          "+1500ms alice    SELL 0.000001 @1    btc.Over_2.5   role=maker",
          "+60s    bob      BUY     10000 @0.55 btc.Yes        taker=alice venue=kalshi #> high",
          "+90s    tick     #> low", "+120s   gap 30s filled",
          "+120s   0xc0ffee BUY         1 @0.5  btc.Yes        #= folded #~ late",
        ].map { $0 }, "\(lines.joined(separator: "\n"))")
    let again = try read(lines.joined(separator: "\n"))
    #expect(again.map(\.kind) == events.map(\.kind) && again.map(\.marks) == events.map(\.marks))
  }

  @Test("a line can stand for several orders, which are different fills")
  func repeats() throws {
    let events = try read("+10s alice BUY 1 @0.5 btc.Yes x3 every 10s #> low")
    #expect(events.map { $0.time - 1_000_000 } == [10_000, 20_000, 30_000])
    #expect(Set(events.map { $0.order?[.txHash] }).count == 3)
    #expect(events.allSatisfy { $0.marks == [.signal(.low)] && $0.line == 3 })
    #expect(try read("+10s alice BUY 1 @0.5 btc.Yes x2").map(\.time) == [1_010_000, 1_010_000])
  }

  @Test("remarks, blank lines and a known miss are understood")
  func remarks() throws {
    let events = try read(
      "# a remark\n\n+0s alice BUY 1 @0.5 btc.Yes #todo> high when it is mended # and more\n")
    #expect(events.count == 1 && events[0].marks == [.missed(.high)] && events[0].line == 5)
  }

  @Test(
    "spans of time",
    arguments: [
      ("0s", 0), ("90s", 90_000), ("1m30s", 90_000), ("2h", 7_200_000), ("1500ms", 1500), ("1d", 86_400_000),
    ])
  func spans(_ text: String, _ milliseconds: Int64) { #expect(OrderTable.milliseconds(text) == milliseconds) }

  @Test(
    "what is no span of time is none",
    arguments: ["", "s", "5", "5x", "-1s", "1.5s", "99999999999999999999s", "9000d", "٣s"])
  func noSpans(_ text: String) { #expect(OrderTable.milliseconds(text) == nil) }

  @Test("no text stops the program", arguments: 0..<200)
  func never(_ seed: Int) {
    // Pieces of tables in any order, and what does not belong there.
    let pieces = [
      "+0s", "alice", "BUY", "SELL", "1e99", "9223372036854", "@0.5", "@1", "btc.Yes", "x3", "every", "10s",
      "#>",
      "high", "#todo>", "\n", "tick", "gap", "$99999999999", "#", "role=", "=", "é", "\u{0}", "x100000",
      "log=99999999999",
      "2026-03-01T12:00:00Z", "btc.", ".", "filled",
    ]
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
    var text = ""
    for _ in 0..<40 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += pieces[Int(state >> 33) % pieces.count] + " "
    }
    do { _ = try read(text) } catch { #expect("\(error)".hasPrefix("t.yaml:")) }
  }
}

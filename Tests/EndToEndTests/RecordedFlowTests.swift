import Testing

@Suite(.enabled(if: Program.recorded("dome_events.jsonl.gz") != nil, "skipped: ../shared/data is not there"))
struct RecordedFlowTests {
  private let workspace: Workspace
  /// Thresholds that the quiet hour of the recording reaches.
  private static let low = [
    "whale_order.min_usd=300", "whale_order.high_usd=1000", "wallet_velocity.over_usd=500",
    "whale_cluster.min_usd=20",
    "whale_cluster.min_wallets=2",
    "sweep.min_usd=300", "sweep.min_fills=3", "sweep.min_move=0.01", "tracked_wallet.min_usd=1",
  ].flatMap { ["--param", $0] }

  init() throws { workspace = try Workspace() }

  private func replay(_ name: String, _ more: [String]) throws -> Program.Result {
    let path = try #require(Program.recorded(name))
    return try Program.run(["replay", "--no-db", "--format", "ndjson"] + more + [path], in: workspace)
  }

  /// Rules over what both formats have, each with other parts of the engine.
  private func writeRules() throws {
    #expect(try Program.shell("cp -rL rules own", in: workspace).code == 0)
    try workspace.write(
      """
      local R = rule {
        title = "minutes", windows = { m = window.tumbling {
          by = { "market_slug", "side" }, span = "1m",
          agg = { n = count(), usd = sum "usd", lo = min "price", hi = max "price",
                  who = distinct "user" } } },
      }
      function R.on_close(name, key, bar)
        if bar.n >= 5 then
          signal { title = key.market_slug .. " " .. key.side, key = key.market_slug .. key.side,
                   severity = "low",
                   data = { n = bar.n, usd = bar.usd, lo = bar.lo, hi = bar.hi, who = bar.who } }
        end
      end
      return R
      """, to: "own/minutes.lua")
    try workspace.write(
      """
      local R = rule { title = "texts" }
      function R.on_order(o)
        if o.usd < usd(20) then return end
        signal { title = o.title .. " " .. o.token_label, market = o.market_slug,
                 data = { t = o.t, cond = o.condition_id, tx = o.tx_hash,
                          p = o.price, s = o.shares, venue = o.venue } }
      end
      return R
      """, to: "own/texts.lua")
  }

  @Test("both formats of one recording give 4,533 orders, none rejected, and the same signals")
  func formats() throws {
    try writeRules()
    let arguments = ["--rules", "own"] + Self.low
    let dome = try replay("dome_events.jsonl.gz", arguments)
    let frames = try replay("rtds_frames.jsonl.gz", arguments)
    for result in [dome, frames] {
      #expect(result.code == 0)
      #expect(result.errors.hasPrefix("4,533 orders in"))
      #expect(!result.errors.contains("rejected") && !result.errors.contains("duplicate"))
    }
    // Fills of one transaction come in another order, so their numbers differ; everything else must not.
    func withoutNumbers(_ result: Program.Result) -> [String] {
      result.lines.map { String($0).replacing(/"seq":\d+,/, with: "") }.sorted()
    }
    #expect(dome.lines.count > 200)
    let rules = Set(dome.lines.compactMap { $0.firstMatch(of: /"rule":"(\w+)"/).map { String($0.1) } })
    #expect(
      rules == ["consensus", "minutes", "sweep", "texts", "wallet_velocity", "whale_cluster", "whale_order"])
    #expect(withoutNumbers(dome) == withoutNumbers(frames))
  }

  @Test("the recording agrees with itself when run twice")
  func twice() throws {
    for name in ["dome_events.jsonl.gz", "rtds_frames.jsonl.gz"] {
      #expect(try replay(name, ["--twice"] + Self.low).errors.contains("twice: both runs gave the same"))
    }
  }
}

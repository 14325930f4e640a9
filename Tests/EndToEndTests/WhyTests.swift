import Testing

@Suite struct WhyTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// Makes a journal with every order of an input in it.
  private func replay(_ input: String, _ more: [String] = [], into name: String = "betterbot.db") throws {
    let result = try Program.run(["replay", "--journal", "--db", name] + more + [input], in: workspace)
    try #require(result.code == 0, "\(result.errors)")
  }

  @Test("a rule with guards is stopped by one, and told what the others would say")
  func guards() throws {
    try workspace.write(
      """
      local R = rule {
        title = "guards",
        params = { least = param.usd(900), fills = param.int(3) },
        windows = {
          w = window.sliding { by = { "user" }, span = "1h", agg = { n = count(), usd = sum "usd" } },
        },
      }

      local function late(o)
        return o.t % 2 == 1
      end

      function R.on_order(o, w)
        local b = w.w
        if o.side ~= "BUY" or b.usd < R.params.least then return end
        if late(o) then
          if b.n >= R.params.fills then
            signal { title = "all" }
          end
        end
      end

      return R
      """, to: "mine/guards.lua")
    var lines = ""
    for number in 0..<3 {
      lines +=
        "{\"token_id\":\"1\",\"token_label\":\"Yes\",\"side\":\"\(number == 2 ? "SELL" : "BUY")\","
        + "\"market_slug\":\"m\",\"condition_id\":\"0xc\",\"shares\":200000000,\"shares_normalized\":200,"
        + "\"price\":0.5,\"tx_hash\":\"0x\(number)\",\"title\":\"T\",\"timestamp\":\(1_700_000_000 + number),"
        + "\"order_hash\":\"\",\"user\":\"0xa\",\"taker\":\"\"}\n"
    }
    try replay(try workspace.write(lines, to: "in.jsonl"), ["--rules", "mine"])
    let bought = try Program.run(
      ["why", "--rules", "mine", "--not", "guards", "--order", "2"], in: workspace)
    #expect(bought.code == 0)
    #expect(
      bought.output.contains(
        """
        stopped by line 15, which returned in line 15
          b.usd 200,000,000 ($200.00) < R.params.least 900,000,000 ($900.00) → true
          it had to be false: $700.00 short (22 %)
        then also line 16
          late(o) false
          it had to be true: it is false
        then also line 17
          b.n 2 >= R.params.fills 3 → false
          it had to be true: 1 more needed (66 %)
        Without these the rule fires: 1 signal.

        """), "\(bought.output)")
    let sold = try Program.run(["why", "--rules", "mine", "--not", "guards", "--order", "3"], in: workspace)
    #expect(
      sold.output.contains(
        """
        stopped by line 15, which returned in line 15
          o.side "SELL" ~= "BUY" → true
          it had to be false: it is "SELL" and not "BUY"
        then also line 15, which returned in line 15
        """), "\(sold.output)")
    let json = try Program.run(
      ["why", "--rules", "mine", "--not", "guards", "--order", "3", "--format", "json"], in: workspace)
    let text = try workspace.write(json.output, to: "why.json")
    #expect(try Program.run(["debug", "json", text], in: workspace).code == 0, "\(json.output)")
    #expect(json.output.contains("\"end\":\"fires\""))
  }

  @Test("a signal whose rule has changed does not come out again, which is said and ends with 1")
  func changed() throws {
    let low = ["--param", "whale_cluster.min_usd=50"]
    try replay(Program.fixture("rtds.jsonl"), low)
    let rows = try Program.run(
      ["signals", "--db", "betterbot.db", "--rule", "whale_cluster", "--format", "ndjson", "--limit", "1"],
      in: workspace
    ).output
    let id = try #require(rows.firstMatch(of: /^\{"id":"([0-9a-f]{32})"/)).1
    let again = try Program.run(["why", String(id)] + low, in: workspace)
    #expect(again.code == 0 && again.output.contains("field by field the same"), "\(again.output)")
    let short = try Program.run(["why", String(id.prefix(8))] + low, in: workspace)
    #expect(short.output == again.output)
    let other = try Program.run(["why", String(id)], in: workspace)
    #expect(other.code == 1)
    #expect(other.output.contains("does NOT come out of the journal again"))
    #expect(other.output.contains("ran at this event, and its files are not kept"))
  }

  @Test("a journal that lacks orders says so, and an order that it never had is not explained")
  func missing() throws {
    let result = try Program.run(["replay", Program.fixture("flow.jsonl.gz")], in: workspace)
    try #require(result.code == 0)
    let why = try Program.run(["why", "f2349829"], in: workspace)
    #expect(why.code == 0 && why.output.contains("note: the journal holds only "), "\(why.output)")
    let none = try Program.run(["why", "--not", "sweep", "--order", "7"], in: workspace)
    #expect(none.code == 1 && none.errors.contains("the journal holds no event 7"))
    let nobody = try Program.run(["why", "--not", "nobody", "--order", "18263"], in: workspace)
    #expect(nobody.code == 1 && nobody.errors.contains("has no rule nobody"))
    let fired = try Program.run(["why", "--not", "sweep", "--order", "18263"], in: workspace)
    #expect(fired.code == 0 && fired.output.contains("it did fire: betterbot why f2349829"))
  }

  @Test("a quarantined rule, a failing one and a folded signal are told apart")
  func troubled() throws {
    try workspace.write(
      """
      local R = rule { title = "t", dedup = { by = { "user" }, hold = "1h" } }
      function R.on_order(o)
      \tif o.usd > usd(10000) then error("too big") end
        if o.usd > usd(1000) then signal { title = "big" } end
      end
      return R
      """, to: "mine/troubled.lua")
    try replay(Program.fixture("flow.jsonl.gz"), ["--rules", "mine"])
    func first(_ sql: String) throws -> String { try Database(workspace.file("betterbot.db")).text(sql) }
    func why(_ seq: String) throws -> String {
      try Program.run(["why", "--rules", "mine", "--not", "troubled", "--order", seq], in: workspace).output
    }
    let failed = try why(try first("SELECT min(seq) FROM failures"))
    #expect(failed.contains("it failed at this order: troubled.lua:3: too big"), "\(failed)")
    #expect(failed.contains("│ 3 ✓   if o.usd"), "\(failed)")
    let folded = try why(
      try first(
        """
        SELECT min(e.seq) FROM events e JOIN signals s ON s.user = e.user AND s.rule = 'troubled'
        AND e.seq > s.seq AND e.t < s.t + 3600000
        WHERE e.usd > 1000000000 AND e.usd < 10000000000
        """))
    #expect(folded.contains("it was folded into"), "\(folded)")
    let after = try why(
      try first(
        "SELECT min(e.seq) FROM events e, signals s WHERE s.rule LIKE '%quarantine' AND e.seq > s.seq"))
    #expect(after.contains("note: the rule was quarantined at event "), "\(after)")
  }

  @Test("signals of timers, windows and sequences show what the hook was called with, and no other order")
  func hooks() throws {
    try workspace.write(
      """
      local R = rule {
        title = "hooks", timers = { look = "10m" },
        windows = { b = window.tumbling { by = { "user" }, span = "1m", agg = { n = count() } } },
        sequences = { two = sequence { by = { "user", "token_id" }, within = "2m",
          step "buy" { side = "BUY", usd = at_least(usd(500)) }, step "sell" { side = "SELL" } } },
      }
      function R.on_timer(name, t)
        for g in groups("b") do
          if g.n > 2 then
            signal { title = "timer" }
            return
          end
        end
      end
      function R.on_close(name, key, g)
        if g.n > 6 then signal { title = "close" } end
      end
      function R.on_sequence(name, m)
        signal { title = "sequence", hold = "0s" }
      end
      return R
      """, to: "mine/hooks.lua")
    try replay(Program.fixture("flow.jsonl.gz"), ["--rules", "mine"])
    func why(_ title: String) throws -> String {
      let sql = "SELECT lower(hex(id)) FROM signals WHERE title = '\(title)' ORDER BY n LIMIT 1"
      let id = try Database(workspace.file("betterbot.db")).text(sql)
      let result = try Program.run(["why", "--rules", "mine", id], in: workspace)
      #expect(result.code == 0 && result.output.contains("field by field the same"), "\(result.output)")
      return result.output
    }
    let timer = try why("timer")
    #expect(timer.contains("  before event ") && !timer.contains("\norder "), "\(timer)")
    #expect(timer.contains("hooks.lua, on_timer") && timer.contains("\nwindow b: user "), "\(timer)")
    let close = try why("close")
    #expect(close.contains("g.n 7 > 6 → true") || close.contains("g.n 8 > 6 → true"), "\(close)")
    let sequence = try why("sequence")
    #expect(sequence.contains("\norder ") && sequence.contains("\nmatch\n  STEP  SEQ"), "\(sequence)")
    #expect(!sequence.contains("window b"))
  }
}

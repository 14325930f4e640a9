import Testing

@Suite struct JournalTests {
  private let workspace: Workspace
  private let flow = Program.fixture("flow.jsonl.gz")
  private let frames = Program.fixture("rtds.jsonl")

  init() throws { workspace = try Workspace() }

  private func replay(_ more: [String] = []) throws -> Program.Result {
    try Program.run(["replay", "--db", "my.db", "--format", "ndjson"] + more, in: workspace)
  }

  private func signals(_ more: [String] = []) throws -> Program.Result {
    try Program.run(["signals", "--db", "my.db"] + more, in: workspace)
  }

  @Test("the journal gives the same lines as the replay, and a rerun adds nothing")
  func sameLines() throws {
    let first = try replay([flow])
    let listed = try signals(["--format", "ndjson"])
    #expect(first.lines.count == 167 && listed.errors == "")
    #expect(listed.output == first.output)
    let database = try Database(workspace.file("my.db"))
    let counts = "SELECT (SELECT count(*) FROM events) || ' ' || (SELECT count(*) FROM signals)"
    let before = try database.text(counts)
    #expect(try replay(["--threads", "2", flow]).output == first.output)
    #expect(try database.text(counts) == before)
    #expect(try database.text("PRAGMA integrity_check") == "ok")
  }

  @Test("on request every order is stored, and the rules make the same signals of what is stored")
  func everyOrder() throws {
    let first = try replay(["--journal", flow])
    #expect(first.code == 0)
    #expect(try Database(workspace.file("my.db")).count("SELECT count(*) FROM events") == 20_055)
    let again = try Program.run(["debug", "again", "--db", "my.db"], in: workspace)
    #expect(again.code == 0 && again.output == first.output, "\(again.errors)")
    let missing = try Program.run(["debug", "again", "--db", "nowhere.db"], in: workspace)
    #expect(missing.code == 3 && missing.errors.contains("nowhere.db"), "\(missing.errors)")
  }

  @Test("the list can be narrowed by rule, time, severity and number")
  func filters() throws {
    let all = try replay([flow]).lines
    let high = all.filter { $0.contains("\"severity\":\"high\"") || $0.contains("\"severity\":\"critical\"") }
    #expect(try signals(["--format", "ndjson", "--severity", "high"]).lines == high)
    let sweeps = all.filter { $0.contains("\"rule\":\"sweep\"") }
    #expect(sweeps.count == 5)
    #expect(try signals(["--format", "ndjson", "--rule", "sweep"]).lines == sweeps)
    #expect(try signals(["--format", "ndjson", "--limit", "3"]).lines == all.suffix(3))
    #expect(try signals(["--format", "ndjson", "--limit", "0"]).lines == [])
    let time = try #require(all[100].firstMatch(of: /"t":(\d+)000,/)?.1)
    let since = try signals(["--format", "ndjson", "--since", String(time)]).lines
    #expect(since.count < 167 && since.contains(all[100]))
    #expect(try signals(["--since", "2030-01-01"]).output == "no signals\n")
    #expect(try signals(["--rule", "nobody"]).output == "no signals\n")
    #expect(try signals().lines.count == 168)
  }

  @Test("CSV has a header, one record a signal, and money as decimal text")
  func csv() throws {
    _ = try replay(["--only", "whale_order", flow])
    let result = try signals(["--format", "csv"])
    let records = result.output.split(separator: "\r\n")
    #expect(records.count == 34)
    #expect(
      records.first == """
        id,rule,version,seq,t,severity,title,key,confidence,fold_count,user,market_slug,token_id,\
        token_label,side,price,shares,usd,tx_hash,order_hash,data,warming,data_gap
        """)
    #expect(result.output.contains(",Yes,SELL,0.57,34883.73,19883.7261,0xfab1ed"))
  }

  @Test("control characters of a title neither reach a terminal nor break a line")
  func hostileTitle() throws {
    try workspace.write(
      #"""
      local R = rule { title = "loud" }
      function R.on_order(o) print("log \27[2J") signal { title = "a\27[31m\nb\r\t\u{202e}c" } end
      return R
      """#, to: "own/loud.lua")
    let human = try Program.run(
      ["replay", "--rules", "own", "--db", "my.db", "--limit", "1", frames], in: workspace)
    let shown = #"a\u{1b}[31m\nb\r\t\u{202e}c"#
    #expect(human.output.contains("  \(shown)\n"))
    #expect(!human.output.contains("\u{1B}") && !human.errors.contains("\u{1B}"))
    #expect(human.errors.contains(#"[loud] log \u{1b}[2J"#))
    #expect(try signals().output.hasSuffix("  \(shown)\n"))
    let lines = try signals(["--format", "ndjson"]).lines
    #expect(lines.count == 1)
    #expect(lines.first?.contains(#""title":"a\u001b[31m\u000ab\u000d\u0009"#) == true)
    #expect(try signals(["--format", "csv"]).output.contains("\"a\u{1B}[31m\nb\r\t\u{202E}c\""))
  }

  @Test("rules with long names keep their columns")
  func longNames() throws {
    let name = "a_rule_with_a_name_that_is_much_longer_than_the_others"
    let source = """
      local R = rule { title = "x" }
      function R.on_order(o) if o.seq % 50 == 0 then signal { title = "FOUND" } end end
      return R
      """
    try workspace.write(source, to: "own/\(name).lua")
    try workspace.write(source, to: "own/b.lua")
    let result = try Program.run(["replay", "--rules", "own", "--db", "my.db", frames], in: workspace)
    for output in [result.output, try signals().output] {
      let rows = output.split(separator: "\n").filter { $0.hasSuffix("FOUND") || $0.hasSuffix("SIGNAL") }
      #expect(rows.count == 17)
      #expect(Set(rows.map { $0.dropLast($0.hasSuffix("SIGNAL") ? 6 : 5).count }).count == 1)
    }
  }

  @Test("retention by rows is applied when a replay opens the journal")
  func retention() throws {
    _ = try replay([flow])
    let again = try Program.shell(
      "export BETTERBOT_RETENTION_ROWS=40 BETTERBOT_DURABILITY=normal; "
        + "$BB replay --db my.db --limit 0 \(Program.quoted(flow))",
      in: workspace)
    #expect(again.code == 0)
    #expect(try signals(["--format", "ndjson"]).lines.count == 40)
  }

  @Test(
    "a wrong setting is refused with its name",
    arguments: [
      "BETTERBOT_DURABILITY=some", "BETTERBOT_RETENTION_ROWS=many", "BETTERBOT_RETENTION_DAYS=-1",
      "BETTERBOT_RETENTION_ROWS=99999999999999999999",
    ])
  func wrongSetting(_ setting: String) throws {
    let result = try Program.shell(
      "\(setting) $BB replay --db my.db \(Program.quoted(frames))", in: workspace)
    #expect(result.code == 3)
    #expect(result.errors.contains(setting.prefix { $0 != "=" }))
  }
}

import Testing

@Suite struct RuleFolderTests {
  private let workspace: Workspace
  private let frames = Program.fixture("rtds.jsonl")

  init() throws { workspace = try Workspace() }

  /// The shipped rules beside one with a wrong name, one with a typo and one that is not Lua.
  private func makeBadFolder() throws {
    let copied = try Program.shell("cp -rL rules own", in: workspace)
    try #require(copied.code == 0)
    try workspace.write("return 1", to: "own/Bad-Name.lua")
    try workspace.write(
      "local R = rule {\n  windows = { w = window.slidin {} } }\nreturn R", to: "own/typo.lua")
    try workspace.write("this is no Lua", to: "own/prose.lua")
  }

  @Test("every problem is printed with file and line, and the exit code is 2")
  func check() throws {
    try makeBadFolder()
    let human = try Program.run(["check", "--rules", "own"], in: workspace)
    #expect(human.code == 2)
    #expect(human.output.contains("own/Bad-Name.lua: the file's name is the rule's id"))
    #expect(
      human.output.contains("own/typo.lua:2: 'window.slidin' does not exist (did you mean 'window.sliding'?)")
    )
    #expect(human.output.contains("own/prose.lua:1: "))
    #expect(human.output.contains("6 rules load, 3 do not; version "))
    let json = try Program.run(["check", "--rules", "own", "--format", "json"], in: workspace)
    #expect(json.code == 2)
    #expect(
      json.output.contains("\"file\":\"typo.lua\",\"line\":2,\"message\":\"'window.slidin' does not exist"))
    try workspace.write(json.output, to: "check.json")
    #expect(try Program.run(["debug", "json", "check.json"], in: workspace).code == 0)
  }

  @Test("what the lint finds is printed; an error of it makes the exit code 2, a warning does not")
  func lint() throws {
    let copied = try Program.shell("cp -rL rules own", in: workspace)
    try #require(copied.code == 0)
    try workspace.write("local unread = 1\nreturn {}", to: "own/lib/spare.lua")
    let warned = try Program.run(["check", "--rules", "own"], in: workspace)
    #expect(warned.code == 0)
    #expect(warned.output.contains("own/lib/spare.lua:1:7: warning: 'unread' is never read: remove it"))
    #expect(warned.output.contains("the lint found 0 errors and 1 warning\n6 rules load, 0 do not; version "))
    try workspace.write(
      "local R = rule {}\nfunction R.on_order(o)\n  if o.usd > 0.5 then print(o.usr) end\nend\nreturn R",
      to: "own/typo.lua")
    let refused = try Program.run(["check", "--rules", "own"], in: workspace)
    #expect(refused.code == 2)
    #expect(
      refused.output.contains(
        "own/typo.lua:3:14: error: this is compared with whole micro-dollars: write usd(0.5) or cents(50), "
          + "not 0.5 [decimal-money]\n"))
    #expect(
      refused.output.contains("own/typo.lua:3:31: error: an order has no field 'usr' (did you mean 'user'?)"))
    let json = try Program.run(["check", "--rules", "own", "--format", "json"], in: workspace)
    #expect(json.code == 2)
    #expect(
      json.output.contains(
        "{\"name\":\"unknown-field\",\"severity\":\"error\",\"file\":\"typo.lua\",\"line\":3,\"column\":31,"))
    try workspace.write(json.output, to: "check.json")
    #expect(try Program.run(["debug", "json", "check.json"], in: workspace).code == 0)
    try workspace.write("return 1 +", to: "own/lib/spare.lua")
    try workspace.write("local x = = 1", to: "own/typo.lua")
    try workspace.write("local R = rule {}\nprint(foo)\nprint(bar)\nreturn R", to: "own/names.lua")
    let broken = try Program.run(["check", "--rules", "own"], in: workspace)
    #expect(broken.code == 2)
    #expect(broken.output.contains("own/lib/spare.lua:1:11: error: unexpected symbol near <eof> [syntax]"))
    #expect(broken.output.split(separator: "\n").count { $0.contains("unexpected symbol near '='") } == 1)
    // The engine stops at the first of them.
    #expect(broken.output.contains("own/names.lua:2: 'foo' does not exist in a rule\n"))
    #expect(!broken.output.contains("own/names.lua:2:7"))
    #expect(broken.output.contains("own/names.lua:3:7: error: 'bar' is not declared"))
  }

  @Test("the shipped rules load")
  func shipped() throws {
    let human = try Program.run(["check"], in: workspace)
    #expect(human.code == 0)
    #expect(human.output.hasPrefix("6 rules load, 0 do not; version "))
    let version = human.output.suffix(17).prefix(16)
    let json = try Program.run(["check", "--format", "json"], in: workspace)
    #expect(
      json.output == """
        {"version":"\(version)","rules":["consensus","sweep","tracked_wallet","wallet_velocity",\
        "whale_cluster","whale_order"],"problems":[],"findings":[]}

        """)
  }

  @Test("a rule that does not load refuses the run; on request the others run as if it were not there")
  func skipBad() throws {
    let low = ["--param", "whale_order.min_usd=500", frames]
    let expected = try Program.run(["replay", "--no-db", "--format", "ndjson"] + low, in: workspace)
    try makeBadFolder()
    let refused = try Program.run(["replay", "--rules", "own", "--db", "my.db"] + low, in: workspace)
    #expect(refused.code == 2)
    #expect(refused.output == "")
    #expect(refused.errors.contains("own/typo.lua:2: "))
    #expect(refused.errors.contains("3 rules do not load; nothing was run (--skip-bad runs the others)"))
    #expect(try Program.shell("ls my.db", in: workspace).code != 0)
    let others = try Program.run(
      ["replay", "--rules", "own", "--no-db", "--skip-bad", "--format", "ndjson"] + low, in: workspace)
    #expect(others.code == 0)
    #expect(others.errors.contains("left out: own/Bad-Name.lua: "))
    func withoutVersion(_ result: Program.Result) -> [String] {
      result.lines.map { String($0.replacing(/"version":"[0-9a-f]+"/, with: "")) }
    }
    #expect(expected.lines.count > 5)
    #expect(withoutVersion(others) == withoutVersion(expected))
  }

  @Test("a folder without a rule is refused")
  func empty() throws {
    try workspace.write("-- x", to: "own/notes.txt")
    for command in ["check", "replay --no-db x"] {
      let result = try Program.shell("$BB \(command) --rules own", in: workspace)
      #expect(result.code == 3)
      #expect(result.errors == "betterbot: there is no rule in own: put a file NAME.lua there\n")
    }
  }

  @Test("errors of a rule are reported with rule, line and order, and do not stop the run")
  func failing() throws {
    try workspace.write(
      "local R = rule { title = \"x\" }\nfunction R.on_order(o)\n"
        + "  if o.seq > 100 then error(\"odd\") end\nend\nreturn R",
      to: "own/odd.lua")
    let result = try Program.run(["replay", "--rules", "own", "--db", "my.db", frames], in: workspace)
    #expect(result.code == 0)
    #expect(result.errors.contains("error: odd.lua:3: odd (on_order, seq 101, order 0x"))
    #expect(result.errors.contains("quarantined: odd, after 5 errors"))
    #expect(result.output.contains("rule odd is quarantined"))
    #expect(try Database(workspace.file("my.db")).count("SELECT count(*) FROM failures") == 5)
  }
}

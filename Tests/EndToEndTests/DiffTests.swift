import Testing

/// `betterbot diff`, as its users run it.
@Suite struct DiffTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func diff(_ arguments: [String]) throws -> Program.Result {
    try Program.run(["diff"] + arguments, in: workspace)
  }

  @Test("a parameter tried out against the folder as it is: signals by the line that decided, with prices")
  func parameter() throws {
    let flow = Program.fixture("flow.jsonl.gz")
    let tried = ["--against", "rules/", "--param", "sweep.min_usd=30000", "--outcome", "1h", flow, "sweep"]
    let result = try diff(tried)
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output.contains(
        """

        sweep: 2 gone, 2 moved, 1 changed, 0 the same

        1 gone: sweep.lua:22  where buys.usd >= $30,000.00
          1h later: median -6 ¢, mean -6 ¢, 0 % in favour (0 of 1)
          2026-10-14 16:29:48  high  55bf67ba  0xfab1…d0f8 swept highest-temperature-in-sao-paulo-on-october-15: \
        $25,007.01 in 5 fills
            buys.usd 25,007,011,700 ($25,007.0117) >= 30,000,000,000 ($30,000.00): $4,992.9883 short (83 %)
            $0.63, 1h later $0.57: -6 ¢

        """), "\(result.output)")
    #expect(try diff(tried + ["--exit-code"]).code == 1)
    let json = try diff(tried + ["--format", "json", "--limit", "1"])
    #expect(json.lines.count == 1 && json.output.contains("\"gone\":2,\"new\":0,\"moved\":2"))
    let text = try workspace.write(json.output, to: "diff.json")
    #expect(try Program.run(["debug", "json", text], in: workspace).code == 0)
    let same = try diff(["--against", "rules", "--exit-code", flow])
    #expect(same.code == 0 && same.output.hasSuffix("no signal differs\n"))
  }

  @Test("the working copy against the version that runs, over what the journal holds")
  func running() throws {
    try workspace.write(
      """
      local R = rule { title = "big", params = { min_usd = param.usd(1000) }, where = { usd_floor = at_least "min_usd" } }
      function R.on_order(o)
        if o.side == "SELL" then return end
        signal { title = "big" }
      end
      return R
      """, to: "mine/big.lua")
    let copy = "cp \(Program.quoted(Program.fixture("rtds.jsonl"))) in.jsonl"
    let run =
      "$BB run --config /dev/null --rules mine --feed file:in.jsonl --speed max --param big.min_usd=500 >/dev/null"
    let ran = try Program.shell("\(copy) && \(run)", in: workspace)
    try #require(ran.code == 0, "\(ran.errors)")
    let same = try diff(["--rules", "mine"])
    #expect(same.code == 0 && same.output.contains(", running betterbot.db\n"), "\(same.errors)")
    #expect(same.output.contains("the same in both"), "the parameters of the run count: \(same.output)")
    try workspace.write(
      try workspace.read("mine/big.lua").replacing("\"SELL\"", with: "\"BUY\""), to: "mine/big.lua")
    let other = try diff(["--rules", "mine", "big", "--exit-code", "--last", "1d", "--limit", "1"])
    #expect(other.code == 1, "\(other.errors)")
    #expect(other.output.contains(" gone: big.lua:3  o.side == \"BUY\"\n"), "\(other.output)")
    #expect(other.output.contains(" new: big.lua:3 (before)  o.side == \"SELL\"\n"), "\(other.output)")
    try workspace.write("return 1 +", to: "mine/big.lua")
    let broken = try diff(["--rules", "mine"])
    #expect(broken.code == 2 && broken.errors.contains("mine/big.lua:1: "), "\(broken.errors)")
  }

  @Test(
    "what cannot be compared is said in a line",
    arguments: [
      (
        ["--against", "rules", "swep", "x.jsonl"],
        "there is no rule swep, and no such file (did you mean 'sweep'?)"
      ),
      (["--against", "rules", "sweep", "whale_order"], "one rule at a time: sweep and whale_order are two"),
      (["--against", "rules", "nowhere.jsonl"], "cannot open nowhere.jsonl: "),
      (["--against", "nowhere/", "x.jsonl"], "cannot read the rules folder nowhere: "),
      (["x.jsonl"], "there is no journal betterbot.db, so that there is no running version: "),
      (
        ["--against", "rules"],
        "no recording is named, and there is no journal betterbot.db: name one of them"
      ),
      (["rules", "x.jsonl"], "rules is a folder: --rules names the rules that are looked at, --against "),
      (["--against", "", "x.jsonl"], "--against is empty: name a folder or a version"),
      (
        ["--against", "abcdef", "--db", "replayed.db"], "replayed.db knows no version that begins with abcdef"
      ),
      (["--db", "replayed.db"], "no engine has run with replayed.db, so that there is no running version: "),
      (["--against", "rules", "-"], "standard input can be read once"),
      (["--against", "rules", "--last", "1d", "x.jsonl"], "--last is of the journal's orders"),
    ])
  func refused(arguments: [String], message: String) throws {
    let replay = try Program.run(
      ["replay", "--db", "replayed.db", Program.fixture("rtds.jsonl")], in: workspace)
    try #require(replay.code == 0)
    let result = try diff(arguments)
    #expect(result.code == 3, "\(result.output)")
    #expect(result.errors.contains(message), "\(result.errors)")
  }
}

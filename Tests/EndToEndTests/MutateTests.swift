import Testing

/// `betterbot mutate`, as its users run it.
@Suite struct MutateTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    try workspace.write(
      """
      local R = rule { title = "big", where = { side = "BUY" } }
      function R.on_order(o)
        if o.usd_floor < usd(1000) then return end
        signal { title = "big" }
      end
      return R

      """, to: "mine/big.lua")
    try workspace.write(
      """
      rule: big
      wallets: { alice: "0xa11ce0" }
      markets: { btc: { Yes: "8031" } }
      tests:
        - name: large and small
          orders: |
            +0s  alice BUY  1000 @0.50 btc.Yes
            +1s  alice BUY  5000 @0.50 btc.Yes   #> medium

      """, to: "mine/big.test.yaml")
  }

  private func mutate(_ arguments: [String], answers: String = "") throws -> Program.Result {
    let input = try workspace.write(answers, to: "answers")
    return try Program.run(["mutate", "--rules", "mine"] + arguments, in: workspace, input: input)
  }

  @Test("survivors are questions with their line, and the score is held to a threshold")
  func questions() throws {
    let result = try mutate(["big"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(
      result.output == """
        big: 33.3 % (2 of 6 noticed, 4 not; 1 test)
          big.lua:1: local R = rule { title = "big", where = { side = "BUY" } }
            ? no test has an order that only `side = "BUY"` keeps out of the rule
              [where] `side = "BUY"` is dropped
          big.lua:3: if o.usd_floor < usd(1000) then return end
            ? no test sits exactly on $1,000.00 (usd(1000)) with `o.usd_floor`: should `o.usd_floor < usd(1000)` hold there?
              [boundary] `<` becomes `<=`
            ? no test tells $1,000.00 from $1,000.01: is there something of exactly $1,000.00?
              [more] `1000` becomes `1000.01`
            ? no test tells $1,000.00 from $999.99: and just below?
              [less] `1000` becomes `999.99`

        """)
    #expect(try mutate(["--threshold", "33"]).code == 0)
    let low = try mutate(["--threshold", "34", "--threads", "1"])
    #expect(low.code == 1 && low.errors == "betterbot: under the threshold of 34 %: big 33.3 %\n")
  }

  @Test("what is suggested is added after a y, and then notices")
  func suggestions() throws {
    let before = try workspace.read("mine/big.test.yaml")
    let refused = try mutate(["--suggest"], answers: "what\nn\nq\n")
    #expect(refused.code == 0 && refused.output.contains("add it to mine/big.test.yaml? [y/n/q] "))
    #expect(try workspace.read("mine/big.test.yaml") == before)
    let added = try mutate(["--suggest"], answers: "y\ny\n")
    #expect(added.output.hasSuffix("added 2 tests to mine/big.test.yaml\n"), "\(added.output)\(added.errors)")
    #expect(added.output.contains("noticed by 'o.usd_floor exactly $1,000.00' already"))
    let after = try workspace.read("mine/big.test.yaml")
    #expect(
      after == before + """
          - name: "o.usd_floor exactly $1,000.00"
            orders: |
              +0s alice BUY 2000 @0.5 btc.Yes   #> medium
          - name: "o.usd_floor just below $1,000.00"
            orders: |
              +0s alice BUY 1999.98 @0.5 btc.Yes

        """)
    #expect(try mutate([]).output.hasPrefix("big: 83.3 % (5 of 6 noticed, 1 not; 3 tests)\n"))
    #expect(try Program.run(["test", "--rules", "mine"], in: workspace).code == 0)
  }

  @Test("programs get JSON")
  func json() throws {
    let result = try mutate(["--format", "json"])
    #expect(result.code == 0 && result.lines.count == 1)
    #expect(result.output.contains("\"rule\":\"big\",\"tests\":1,\"killed\":2,\"survived\":4,\"allowed\":0"))
    let text = try workspace.write(result.output, to: "mutants.json")
    #expect(try Program.run(["debug", "json", text], in: workspace).code == 0)
  }

  @Test("a rule without tests has nothing that notices, and says which file is missing")
  func untested() throws {
    let path = workspace.file("mine/big.test.yaml")
    let result = try Program.shell(
      "rm \(Program.quoted(path)) && $BB mutate --rules mine --threshold 1", in: workspace)
    #expect(result.code == 1)
    #expect(
      result.output == """
        big: 0.0 % (0 of 6 noticed, 6 not; 0 tests)
          there is no test: write mine/big.test.yaml

        """)
  }

  @Test(
    "what is wrong is said in one line",
    arguments: [
      (["bigg"], 3, "betterbot: there is no rule 'bigg' in mine (did you mean 'big'?)"),
      (["--yes"], 3, "Error: --yes goes with --suggest: there is nothing else to add"),
      (
        ["--suggest", "--format", "json"], 3,
        "Error: --suggest shows tests and asks: it goes with --format human"
      ),
      (["--threads", "0"], 3, "Error: --threads is a number from 1 to 64"),
      (["--threshold", "101"], 3, "Error: --threshold is a number of percent from 0 to 100"),
    ])
  func usage(arguments: [String], code: Int32, message: String) throws {
    let result = try mutate(arguments)
    #expect(result.code == code)
    #expect(result.errors.split(separator: "\n").first.map(String.init) == message)
  }

  @Test("tests that fail, files that cannot be read and rules that do not load come first")
  func broken() throws {
    let file = try workspace.read("mine/big.test.yaml")
    try workspace.write(file.replacing("#> medium", with: "#> high"), to: "mine/big.test.yaml")
    let failing = try mutate([])
    #expect(failing.code == 1)
    #expect(
      failing.errors
        == "betterbot: mine/big.test.yaml: 'large and small' must pass first: run betterbot test big\n")
    try workspace.write(file.replacing("btc.Yes", with: "btc.No"), to: "mine/big.test.yaml")
    let unreadable = try mutate([])
    #expect(unreadable.code == 3 && unreadable.errors.hasPrefix("betterbot: mine/big.test.yaml:7: "))
    try workspace.write(file, to: "mine/big.test.yaml")
    try workspace.write("return 1 +", to: "mine/big.lua")
    let rule = try mutate([])
    #expect(rule.code == 2 && rule.errors.contains("mine/big.lua:1:"))
  }
}

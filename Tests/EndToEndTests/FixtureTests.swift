import Testing

/// `betterbot fixture`, as its users run it.
@Suite struct FixtureTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func run(_ arguments: [String]) throws -> Program.Result {
    try Program.run(arguments, in: workspace)
  }

  /// A journal of the fixture, and the shipped rules in a folder that can be written to.
  private func prepare(_ more: [String] = ["--journal"]) throws {
    let copied = try Program.shell(
      "mkdir mine && cp -r rules/lib rules/tables rules/*.lua mine && rm -f mine/*.yaml", in: workspace)
    try #require(copied.code == 0, "\(copied.errors)")
    let result = try run(["replay", "--db", "a.db"] + more + [Program.fixture("flow.jsonl.gz")])
    try #require(result.code == 0, "\(result.errors)")
  }

  /// The first signal of a rule.
  private func signal(_ rule: String) throws -> String {
    let rows = try run(["signals", "--db", "a.db", "--rule", rule, "--format", "ndjson"]).output
    return String(try #require(rows.firstMatch(of: /\{"id":"([0-9a-f]{32})"/)).1)
  }

  @Test(
    "a signal of the fixture becomes a test that passes, with few orders",
    arguments: [
      ("sweep", 8), ("whale_order", 1), ("whale_cluster", 3), ("wallet_velocity", 9), ("tracked_wallet", 1),
      ("consensus", 4),
    ])
  func passes(rule: String, most: Int) throws {
    try prepare()
    let made = try run([
      "fixture", "from-signal", try signal(rule), "--db", "a.db", "--rules", "mine", "--out",
      "mine/\(rule).test.yaml",
    ])
    try #require(made.code == 0, "\(made.errors)")
    let text = try workspace.read("mine/\(rule).test.yaml")
    #expect(text.contains("\nrule: \(rule)\n") && text.contains("#> "), "\(text)")
    let orders = text.split(separator: "\n").count { $0.hasPrefix("      +") }
    #expect((1...most).contains(orders), "\(text)")
    let tested = try run(["test", "--rules", "mine", rule])
    #expect(tested.code == 0 && tested.output.contains("1 test"), "\(tested.output)\(tested.errors)")
    let again = try run([
      "fixture", "from-signal", try signal(rule), "--db", "a.db", "--rules", "mine", "--out",
      "mine/\(rule).test.yaml",
    ])
    #expect(again.code == 3 && again.errors.contains("is there already"))
  }

  @Test("data is kept with --exact, and the orders behind a signal are enough where nothing else is stored")
  func exact() throws {
    try prepare([])
    let made = try run(["fixture", "from-signal", "f2349829", "--db", "a.db", "--exact"])
    #expect(made.code == 0, "\(made.errors)")
    #expect(
      made.output.contains("data: { fills: 7, move: 60000, outcome: \"Lakers\", usd: $27441.0105 }"),
      "\(made.output)")
    #expect(made.output.contains("evidence: [1, 2, 3, 4, 5, 6, 7]"))
  }

  @Test("what cannot be made is said in a line")
  func refused() throws {
    try prepare([])
    let unknown = try run(["fixture", "from-signal", "0123456789", "--db", "a.db"])
    #expect(
      unknown.code == 3 && unknown.errors.contains("no signal in a.db has an id that begins with 0123456789"))
    let odd = try run(["fixture", "from-signal", "sweep", "--db", "a.db"])
    #expect(odd.code == 3 && odd.errors.contains("sweep is no signal's id"))
    try workspace.write(
      try workspace.read("mine/sweep.lua").replacing("param.usd(25000", with: "param.usd(90000"),
      to: "mine/sweep.lua")
    let changed = try run(["fixture", "from-signal", "f2349829", "--db", "a.db", "--rules", "mine"])
    #expect(changed.code == 1, "\(changed.output)")
    #expect(
      changed.errors.contains(
        "mine does not give high signal f2349829685970a0e70bf1d0165cd334 from what a.db holds"))
    #expect(changed.errors.contains("ran at this event, and its files are not kept"), "\(changed.errors)")
    let gone = try Program.shell(
      "rm mine/sweep.lua && $BB fixture from-signal f2349829 --db a.db --rules mine", in: workspace)
    #expect(gone.code == 1 && gone.errors.contains("there is no rule sweep in mine"), "\(gone.errors)")
  }
}

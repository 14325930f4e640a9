import Testing

@Suite struct UsageTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test(
    "bad usage ends with 3, says what is wrong on standard error, and prints nothing else",
    arguments: [
      ("replay", "Missing expected argument"), ("nonsense", "Unexpected argument 'nonsense'"),
      ("replay --nonsense x", "Unknown option '--nonsense'"),
      ("replay --threads 0 x", "--threads is a number from 1 to 32"),
      ("replay --threads 33 x", "--threads is a number"), ("replay --limit -1 x", "--limit"),
      ("replay --limit=-1 x", "--limit is not negative"), ("replay --limit many x", "'many' is invalid"),
      ("replay --format csv x", "'csv' is invalid"), ("replay --no-db --journal x", "choose one"),
      ("replay --no-db --db a.db x", "choose one"), ("replay --no-db --twice -", "standard input"),
      ("replay --no-db - -", "once"), ("replay --no-db --rules missing x", "rules folder missing"),
      ("replay --no-db missing.jsonl", "cannot open missing.jsonl"),
      ("replay --no-db rules", "is a directory"),
      ("replay --no-db --only nobody x", "--only nobody: there is no such rule in rules"),
      ("replay --no-db --param whale_order x", "write RULE.NAME=VALUE"),
      ("replay --no-db --param =3 x", "write RULE.NAME=VALUE"),
      ("replay --no-db --param nobody.min_usd=3 x", "there is no rule nobody"),
      ("replay --no-db --stats missing/stats.json x", "cannot open x"),
      ("check --format xml", "'xml' is invalid"), ("check --rules missing", "rules folder missing"),
      ("signals", "Missing expected argument '--db"),
      ("signals --db missing.db", "missing.db: there is no such file"),
      ("signals --db rules/sweep.lua", "is no SQLite database"),
      ("signals --db x --severity hgh", "--severity is one of"),
      ("signals --db x --since yesterday", "--since is a date"),
      ("signals --db x --limit=-1", "--limit is not negative"),
      ("why", "name a signal"), ("why xyz", "xyz is no signal's id"), ("why abcde", "6 to 32"),
      ("why abcdef --order 3", "go with --not RULE"), ("why abcdef --not sweep --order 3", "not both"),
      ("why --not sweep", "--order SEQ"), ("why --not sweep --order 3 --at 1", "--order SEQ"),
      ("why --not sweep --wallet 0x --market m", "--order SEQ"),
      ("why --not sweep --wallet 0x --market m --at noon", "--at is a time"),
      ("why abcdef --db missing.db", "missing.db: there is no such file"),
      ("reload now", "Unexpected argument 'now'"), ("rollback --to x", "Unknown option '--to'"),
      ("resume", "Missing expected argument '<rule>'"), ("resume ../x", "'../x' is no rule's name"),
    ])
  func badUsage(_ line: String, _ expected: String) throws {
    let result = try Program.shell("$BB \(line)", in: workspace)
    #expect(result.code == 3)
    #expect(result.errors.contains(expected), "\(result.errors)")
    #expect(result.output == "")
    #expect(try Program.shell("ls *.db", in: workspace).output == "", "a run that never was left a journal")
  }

  @Test(
    "a parameter that a rule does not take ends with 2 and names rule and parameter",
    arguments: [
      ("whale_order.nothing=3", "nothing"), ("whale_order.min_usd=plenty", "min_usd"),
      ("whale_order.min_usd=0", "min_usd"),
      ("whale_order.min_usd=", "min_usd"), ("whale_cluster.min_wallets=2.5", "min_wallets"),
    ])
  func badParameter(_ parameter: String, _ name: String) throws {
    let rule = parameter.prefix { $0 != "." }
    let result = try Program.run(
      ["replay", "--no-db", "--param", parameter, Program.fixture("rtds.jsonl")], in: workspace)
    #expect(result.code == 2)
    #expect(result.errors.contains("rules/\(rule).lua"), "\(result.errors)")
    #expect(result.errors.contains(name))
    #expect(result.output == "")
  }

  @Test(
    "help names every command, and every command every option",
    arguments: [
      "", "replay", "record", "check", "signals", "status", "reload", "rollback", "resume", "run", "token",
      "token create", "init", "new",
    ])
  func help(_ command: String) throws {
    let result = try Program.shell("$BB \(command) --help", in: workspace)
    #expect(result.code == 0)
    #expect(result.errors == "")
    let words: [String: [String]] = [
      "": ["replay", "record", "check", "signals", "status", "reload", "rollback", "resume", "token"],
      "token": ["create", "list", "revoke", "Example:"],
      "token create": ["<name>", "--role", "--expires", "--db", "--config", "Example:"],
      "record": [
        "--feed", "--config", "--for", "--limit", "--market", "--wallet", "--pseudonymize", "Example:",
      ],
      "status": ["--db", "--config", "--format", "Example:"],
      "reload": ["--db", "--config", "Example:"], "rollback": ["--db", "--config", "Example:"],
      "resume": ["--db", "--config", "<rule>", "Example:"],
      "run": ["--rules", "--db", "--feed", "--no-watch", "--log-format", "--log-level", "Example:"],
      "replay": [
        "--rules", "--db", "--no-db", "--journal", "--format", "--param", "--only", "--threads", "--limit",
        "--twice",
        "--skip-bad", "--stats", "<inputs>",
      ],
      "check": ["--rules", "--format"], "init": ["<folder>", "Example:"],
      "new": ["<rule>", "--template", "--from", "--orders", "--rules", "whale", "Examples:"],
      "signals": ["--db", "--rule", "--since", "--severity", "--format", "--limit"],
      "simulate": [
        "--input", "--generate", "--seed", "--rate", "--speed", "--now", "--loop", "--start-at-once",
        "--twins",
        "--faults", "--duplicate-rate", "--reorder-rate", "--rest-error-rate", "--rest-lag", "--rest-limit",
        "--host", "--port", "--key", "--max-subscriptions", "--max-wallets", "--certificate", "--private-key",
        "--sent", "--exit-when-done",
      ],
    ]
    for word in words[command] ?? [] { #expect(result.output.contains(word), "\(word)") }
    #expect(!result.output.split(separator: "\n").contains { $0.hasPrefix("  debug") })
  }
}

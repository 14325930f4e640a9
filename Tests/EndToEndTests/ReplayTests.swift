import Testing

@Suite struct ReplayTests {
  private let workspace: Workspace
  private let flow = Program.fixture("flow.jsonl.gz")
  private let frames = Program.fixture("rtds.jsonl")
  /// Lets the few frames fire often.
  private let low = [
    "--param", "whale_order.min_usd=500", "--param", "wallet_velocity.over_usd=800",
    "--param", "whale_cluster.min_usd=50",
  ]

  init() throws { workspace = try Workspace() }

  /// The lines that the flow gives, and nothing stored.
  private func lines(_ more: [String], _ inputs: [String]) throws -> Program.Result {
    try Program.run(["replay", "--no-db", "--format", "ndjson"] + more + inputs, in: workspace)
  }

  @Test("standard output has one signal a line with the promised keys in order, and nothing else")
  func keys() throws {
    let result = try lines(low, [frames])
    let keys = [
      "id", "rule", "version", "seq", "t", "severity", "title", "key", "market", "token", "side", "user",
      "confidence",
      "data", "fold_count",
    ]
    #expect(result.code == 0)
    #expect(result.lines.count > 20)
    for line in result.lines {
      var places: [String.Index] = []
      for key in keys {
        let pattern = key == "id" ? "{\"id\":" : ",\"\(key)\":"
        let place = line.firstRange(of: pattern)?.lowerBound
        places.append(try #require(place, "\(key) is missing in \(line)"))
      }
      #expect(places == places.sorted() && places.first == line.startIndex && line.hasSuffix("}"), "\(line)")
      let text = try workspace.write(String(line), to: "line.json")
      #expect(try Program.run(["debug", "json", text], in: workspace).code == 0, "not JSON: \(line)")
    }
    #expect(result.errors.contains("413 orders"))
  }

  @Test("the table shows at most 20 signals, each on one line, and ends with what to try next")
  func table() throws {
    let result = try Program.run(["replay", "--db", "my.db", flow], in: workspace)
    #expect(result.code == 0)
    #expect(result.errors == "")
    #expect(result.output.contains("… the 20 most severe of 167 signals"))
    #expect(result.output.contains("20,055 orders in"))
    #expect(
      result.output.contains(
        "167 signals, 143 repeats folded into them, 198 duplicate orders dropped; rule set"))
    #expect(result.output.contains("journal: my.db\nnext: betterbot signals --db my.db"))
    #expect(!result.output.contains("\u{1B}") && !result.output.contains("\r"))
    let heads = result.lines.prefix(21)
    let titleStart = try #require(heads.first?.firstRange(of: "SIGNAL")?.lowerBound)
    let width = try #require(heads.first?[..<titleStart].count)
    for row in heads.dropFirst() {
      #expect(row.dropFirst(width - 2).prefix(2) == "  " && row.dropFirst(width).first != " ", "\(row)")
    }
  }

  @Test("plain, gzip, standard input, a named pipe and several files are the same flow")
  func inputs() throws {
    let expected = try lines([], [flow])
    #expect(expected.lines.count == 167)
    let script = """
      gzip -dc \(Program.quoted(flow)) >flow.jsonl
      head -n 7000 flow.jsonl >one; tail -n +7001 flow.jsonl | gzip >two
      mkfifo pipe
      $BB replay --no-db --format ndjson - <flow.jsonl >a
      $BB replay --no-db --format ndjson - <\(Program.quoted(flow)) >b
      cat two | $BB replay --no-db --format ndjson one - >c
      cat flow.jsonl >pipe & $BB replay --no-db --format ndjson pipe >d
      """
    let result = try Program.shell(script, in: workspace)
    #expect(result.code == 0)
    for name in ["a", "b", "c", "d"] { #expect(try workspace.read(name) == expected.output, "\(name)") }
  }

  @Test("the number of threads never changes a byte", arguments: [2, 3, 32])
  func threads(_ count: Int) throws {
    let one = try lines(low, [frames])
    let many = try lines(low + ["--threads", "\(count)"], [frames])
    #expect(one.output == many.output)
    #expect(one.lines.count > 20)
  }

  @Test("a rule alone gives what it gives among the others, and a parameter moves its threshold")
  func onlyAndParameters() throws {
    let all = try lines(["--param", "whale_order.min_usd=500"], [frames])
    let alone = try lines(["--param", "whale_order.min_usd=500", "--only", "whale_order"], [frames])
    #expect(alone.lines == all.lines.filter { $0.contains("\"rule\":\"whale_order\"") })
    #expect(alone.lines.count > 5)
    let fewer = try lines(["--param", "whale_order.min_usd=1500.50", "--only", "whale_order"], [frames])
    #expect(fewer.lines.count < alone.lines.count)
    #expect(try lines(["--only", "whale_order"], [frames]).lines.isEmpty)
  }

  @Test("a limit stops after exactly so many orders", arguments: [0, 1, 100, 412, 413, 1_000_000])
  func limit(_ limit: Int) throws {
    let result = try lines(["--limit", "\(limit)"], [frames])
    #expect(result.code == 0)
    #expect(result.errors.hasPrefix("\(min(limit, 413)) order"))
  }

  @Test("the figures are one JSON object with the promised keys")
  func stats() throws {
    let result = try Program.run(
      ["replay", "--no-db", "--stats", "stats.json", "--only", "whale_order"] + low + [flow], in: workspace)
    #expect(result.code == 0)
    #expect(try Program.run(["debug", "json", "stats.json"], in: workspace).code == 0)
    let text = try workspace.read("stats.json")
    let keys = text.matches(of: /"([a-z0-9_]+)":/).map { String($0.1) }
    #expect(
      keys == [
        "orders", "duplicates", "rejected", "signals", "folded", "seconds", "orders_per_second",
        "peak_rss_bytes",
        "version", "signal_sha256", "rules", "whale_order", "calls", "signals", "errors", "cpu_seconds",
      ])
    #expect(text.hasPrefix("{\"orders\":20055,\"duplicates\":198,\"rejected\":0,\"signals\":"))
    let lines = try lines(["--only", "whale_order"] + low, [flow]).output
    try workspace.write(lines, to: "lines")
    let hash = try Program.shell("sha256sum <lines", in: workspace).output.prefix(64)
    #expect(text.contains("\"signal_sha256\":\"\(hash)\""))
  }

  @Test("figures that cannot be written are noticed before the run")
  func statsNowhere() throws {
    let result = try Program.run(
      ["replay", "--no-db", "--stats", "missing/stats.json", frames], in: workspace)
    #expect(result.code == 3)
    #expect(result.output == "" && result.errors.contains("missing/stats.json: No such file or directory"))
  }

  @Test(
    "two runs with another batch size and thread count agree, with and without a journal", arguments: [1, 3])
  func twice(_ threads: Int) throws {
    let free = try lines(["--twice", "--threads", "\(threads)"], [flow])
    #expect(free.code == 0)
    #expect(free.errors.contains("twice: both runs gave the same 167 signals"))
    #expect(free.lines.count == 167)
    // The second recording of a journal has higher numbers, in both runs.
    _ = try Program.run(["replay", "--db", "my.db", Program.fixture("dome_page.json")], in: workspace)
    let stored = try Program.run(
      ["replay", "--db", "my.db", "--twice", "--threads", "\(threads)", flow], in: workspace)
    #expect(stored.code == 0)
    #expect(stored.errors.contains("twice: both runs gave the same 167 signals"))
    let pipe = try Program.shell("mkfifo p; $BB replay --no-db --twice p", in: workspace)
    #expect(pipe.code == 3 && pipe.errors.contains("name plain files"))
  }

  @Test("messages that cannot be read are named, the first five of them, and where the others are")
  func rejected() throws {
    let edge = Program.fixture("edge_cases.jsonl")
    let free = try lines([], [edge])
    #expect(free.code == 0)
    #expect(free.errors.contains("29 orders in"))
    #expect(
      free.errors.contains("5 duplicate orders dropped, 2 other messages skipped, 16 messages rejected"))
    #expect(free.errors.contains("edge_cases.jsonl line 14, byte "))
    #expect(free.errors.contains("… 11 more were rejected; a journal (--db) keeps all of them"))
    let stored = try Program.run(["replay", "--db", "my.db", edge], in: workspace)
    #expect(
      stored.errors.contains("… 11 more were rejected; all of them are in the table dead_letters of my.db"))
    #expect(try Database(workspace.file("my.db")).count("SELECT count(*) FROM dead_letters") == 16)
  }
}

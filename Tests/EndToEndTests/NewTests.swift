import Testing

@Suite struct NewTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test(
    "a rule begun from a template checks and passes its test; it is never written over",
    arguments: ["blank", "whale", "sweep", "cluster", "velocity", "watch"])
  func template(_ name: String) throws {
    let made = try Program.shell("$BB new mine --rules r --template \(name)", in: workspace)
    #expect(made.code == 0, "\(made.errors)")
    #expect(made.output == "made    r/mine.lua\nmade    r/mine.test.yaml\n")
    let checked = try Program.shell("$BB check --rules r && $BB test --rules r", in: workspace)
    #expect(checked.code == 0, "\(checked.output)\(checked.errors)")
    let again = try Program.shell("rm r/mine.lua; $BB new mine --rules r", in: workspace)
    #expect(again.code == 3)
    #expect(
      again.errors == "betterbot: r/mine.test.yaml is there already: choose another name, or remove it\n")
  }

  @Test(
    "bad usage is answered with what is wrong, and nothing is written",
    arguments: [
      ("Sweep", "'Sweep' is no rule's id: a small letter, then small letters, digits and _, 64 at most"),
      ("../x", "'../x' is no rule's id"), ("9x", "'9x' is no rule's id"),
      ("x --template whal", "there is no template 'whal' (did you mean 'whale'?)"),
      ("x --from a.jsonl", "--from FILE and --orders go together"),
      ("x --orders 3", "--from FILE and --orders"),
      ("x --from a --orders 3-1", "--orders 3-1: write lines and hashes"),
      ("x --from a --orders 0", "--orders 0: write lines"),
      ("x --from a --orders 1,,2", "--orders 1,,2: write"),
      ("x --from a --orders 0xzz", "--orders 0xzz: write"),
      ("x --from a --orders 1 --template blank", "--from and --template: choose one"),
      ("x --from missing.jsonl --orders 1", "cannot open missing.jsonl"),
      ("x --from FLOW --orders 99999999", "has no order in line 99999999"),
      (
        "x --from FLOW --orders 90000-18446744073709551615",
        "has no order in lines 90000 to 18446744073709551615"
      ),
      ("x --from FLOW --orders 1,0xabc", "has no order of transaction 0xabc"),
    ])
  func badUsage(_ line: String, _ expected: String) throws {
    let flow = Program.fixture("flow.jsonl.gz")
    let words = line.split(separator: " ").map { $0 == "FLOW" ? Program.quoted(flow) : String($0) }
    let result = try Program.shell("$BB new \(words.joined(separator: " ")) --rules r", in: workspace)
    #expect(result.code == 3)
    #expect(result.errors.contains(expected), "\(result.errors)")
    #expect(result.output == "")
    #expect(try Program.shell("ls r", in: workspace).code != 0)
  }

  @Test("a link that leads nowhere is not written over, and an empty --rules is no folder")
  func links() throws {
    let link = try Program.shell(
      "mkdir r && ln -s nowhere r/mine.lua && $BB new mine --rules r", in: workspace)
    #expect(link.code == 3 && link.errors.contains("r/mine.lua is there already"), "\(link.errors)")
    #expect(try Program.shell("ls r; readlink r/mine.lua", in: workspace).output == "mine.lua\nnowhere\n")
    let empty = try Program.run(["new", "mine", "--rules", ""], in: workspace)
    #expect(empty.code == 3 && empty.errors.contains("--rules is empty"), "\(empty.errors)")
  }

  @Test("a rule drafted from recorded orders finds them in the recording, and passes its test")
  func drafted() throws {
    let flow = Program.quoted(Program.fixture("flow.jsonl.gz"))
    // The orders behind the first sweep, which is staged in the recording.
    let sweep = try Program.shell(
      "$BB replay --no-db --only sweep --format ndjson \(flow) | head -1", in: workspace)
    let wallet = try #require(sweep.output.firstMatch(of: /"user":"(0x\w+)"/)?.1)
    let token = try #require(sweep.output.firstMatch(of: /"token":"(\d+)"/)?.1)
    let fills = try #require(sweep.output.firstMatch(of: /"fills":(\d+)/)?.1)
    let lines = try Program.shell(
      "zcat \(flow) | grep -n \(wallet) | grep \(token) | grep BUY | head -\(fills) | cut -d: -f1 | paste -sd,",
      in: workspace
    ).output.dropLast()
    #expect(lines.count { $0 == "," } == (Int(fills) ?? 0) - 1)
    let made = try Program.shell("$BB new mine --rules r --from \(flow) --orders \(lines)", in: workspace)
    #expect(made.code == 0, "\(made.errors)")
    let checked = try Program.shell("$BB check --rules r && $BB test --rules r", in: workspace)
    #expect(checked.code == 0, "\(checked.output)\(checked.errors)")
    let again = try Program.shell("$BB replay --no-db --rules r --format ndjson \(flow)", in: workspace)
    #expect(
      again.lines.contains { $0.contains("\"rule\":\"mine\"") && $0.contains(wallet) }, "\(again.output)")
  }

  @Test("orders can be named by their transaction")
  func transaction() throws {
    let made = try Program.shell(
      """
      zcat \(Program.quoted(Program.fixture("flow.jsonl.gz"))) | head -50 > a.jsonl
      tx=$(sed -n 30p a.jsonl | grep -o '"tx_hash":"[^"]*"' | cut -d'"' -f4)
      $BB new mine --rules r --from a.jsonl --orders "$tx" && grep -c -i "$tx" a.jsonl && $BB test --rules r
      """, in: workspace)
    #expect(made.code == 0, "\(made.output)\(made.errors)")
    let count = made.lines.dropFirst(2).first.map(String.init) ?? ""
    #expect(
      try workspace.read("r/mine.test.yaml").hasPrefix(
        "# Drafted from \(count == "1" ? "a" : count) recorded order"))
  }
}

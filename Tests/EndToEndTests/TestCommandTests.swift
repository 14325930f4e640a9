import Glibc
import TestSupport
import Testing

/// `betterbot test` as its users run it.
@Suite(.timeLimit(.minutes(5))) struct TestCommandTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private static let head = """
    rule: sweep
    clock: 2026-03-01T12:00:00Z
    wallets: { alice: "0xa11ce00000000000000000000000000000000c3e" }
    markets: { btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" } }
    tests:
      - name: fires once on the 5th fill, the 6th is folded
        orders: |
          +0s    alice BUY 10000 @0.55 btc.Yes
          +20s   alice BUY 10000 @0.56 btc.Yes   x3 every 10s
          +121s  alice BUY  5000 @0.60 btc.Yes   #> high
          +122s  alice BUY  1000 @0.60 btc.Yes   #= folded
        expect:
          - { at: 5, data: { usd: $25300.00, fills: 5 }, evidence: [1, 2, 3, 4, 5] }
      - name: survives a restart in the middle
        base: fires once on the 5th fill, the 6th is folded
        inject: [{ after: 3, do: restart }]
      - name: recorded burst
        recorded: fixtures/burst.jsonl.gz
        golden: auto

    """

  /// A workspace of its own with the rule that the test is about, and its recording.
  private func prepare(_ tests: String = head) throws {
    try workspace.write(try workspace.read(Program.root + "/rules/sweep.lua"), to: "w/rules/sweep.lua")
    try workspace.write(tests, to: "w/rules/sweep.test.yaml")
    mkdir(workspace.file("w/fixtures"), 0o755)
    symlink(Program.fixture("burst.jsonl.gz"), workspace.file("w/fixtures/burst.jsonl.gz"))
    mkdir(workspace.file("w/fixtures/goldens"), 0o755)
    symlink(Program.fixture("goldens/sweep"), workspace.file("w/fixtures/goldens/sweep"))
  }

  private func run(_ line: String) async throws -> Program.Result {
    let workspace = workspace
    return try await offPool { try Program.shell("cd w || exit 99\n\(line)", in: workspace) }
  }

  @Test("the shipped rules pass their tests, and every one of them has some")
  func shipped() async throws {
    let workspace = workspace
    let result = try await offPool { try Program.run(["test", "--min-tests", "80"], in: workspace) }
    #expect(result.code == 0 && !result.output.contains("has no tests"), "\(result)")
    #expect(
      result.lines.count == 7 && result.lines.last?.contains(" passed, 0 failed in ") ?? false, "\(result)")
  }

  @Test("the file of the documentation passes as it is written")
  func documented() async throws {
    try prepare()
    let result = try await run("$BB test")
    #expect(result.code == 0 && result.lines[0] == "✔ sweep 3 tests", "\(result)")
    #expect(try await run("$BB test --faults").code == 0)
  }

  @Test(
    "how it ends says what was wrong",
    arguments: [
      ("$BB test --filter nothing", 3, "--filter nothing: no test's 'rule: name' has that in it"),
      ("$BB test --min-tests 4", 1, "3 tests were run, and not 4"),
      ("$BB test swep", 3, "rules/swep.test.yaml: there is no rule rules/swep.lua (did you mean 'sweep'?)"),
      ("sed -i 's/#> high/#> low/' rules/sweep.test.yaml; $BB test", 1, "due low, got high"),
      ("sed -i 's/expect:/expct:/' rules/sweep.test.yaml; $BB test", 3, "sweep.test.yaml:12: unknown key"),
      ("echo 'local' >> rules/sweep.lua; $BB test", 2, "rules/sweep.lua:"),
      ("rm -r fixtures; $BB test", 3, "rules/sweep.test.yaml:18: "),
      ("rm rules/sweep.test.yaml; $BB test", 3, "there is no test: write rules/NAME.test.yaml"),
      ("$BB test --threshold 99", 1, "coverage is "),
      ("$BB test --threshold nan", 3, "--threshold is a number of percent from 0 to 100"),
      ("$BB test --rules none", 3, "cannot read the rules folder none"),
    ])
  func ends(_ line: String, _ code: Int, _ words: String) async throws {
    try prepare()
    let result = try await run(line)
    #expect(result.code == code && (result.output + result.errors).contains(words), "\(result)")
  }

  @Test("goldens are written, and reviewed one difference at a time")
  func goldens() async throws {
    try prepare()
    let result = try await run(
      """
      rm fixtures/goldens/sweep; $BB test | tail -1 | cut -d' ' -f1-4; $BB test --accept 2>&1 | head -1
      cmp fixtures/goldens/sweep/recorded-burst.json \(Program.fixture("goldens/sweep/recorded-burst.json")) && echo same
      sed -i 's/"severity": "high"/"severity": "low"/' fixtures/goldens/sweep/recorded-burst.json
      echo n | $BB test --review | grep -c 'severity'; echo y | $BB test --review | grep -o 'wrote .*'; $BB test | head -1
      """)
    #expect(
      result.lines == [
        "2 passed, 1 failed", "wrote fixtures/goldens/sweep/recorded-burst.json", "same", "3",
        "wrote fixtures/goldens/sweep/recorded-burst.json", "✔ sweep 3 tests",
      ], "\(result)")
  }

  @Test("--watch runs again when a test changes")
  func watch() async throws {
    try prepare()
    let result = try await run(
      """
      $BB test --watch >out 2>&1 & p=$!
      trap 'kill -KILL $p 2>&-' EXIT
      has() { i=0; until [ "$(grep -c "$1" out)" = "$2" ]; do i=$((i+1)); [ $i -lt 300 ] || exit 98; sleep 0.1; done; }
      has 'waiting for changes' 1; sed -i 's/#> high/#> low/' rules/sweep.test.yaml; has 'waiting for changes' 2
      kill -KILL $p; wait $p; grep -c 'due low, got high' out
      """)
    #expect(result.lines == ["2"], "\(result)")
  }

  @Test("coverage is text, a file for editors, and a threshold")
  func coverage() async throws {
    try prepare()
    let result = try await run(
      "$BB test --coverage --lcov lcov.info --threshold 50; grep -c '^SF:rules/sweep.lua' lcov.info")
    #expect(result.code == 0 && result.output.contains("sweep: lines 3 of 3 (100 %)"), "\(result)")
    #expect(result.lines.last == "1")
  }
}

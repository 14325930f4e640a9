import Testing

@Suite struct SimulateTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test("the simulator names its port, plays to nobody, writes what it sent, and ends by itself")
  func done() throws {
    let result = try Program.shell(
      "$BB simulate --generate 500 --speed max --start-at-once --exit-when-done --sent sent.jsonl",
      in: workspace)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.wholeMatch(of: /listening on 127\.0\.0\.1:\d+\n/) != nil, "\(result.output)")
    #expect(try workspace.read("sent.jsonl").split(separator: "\n").count == 500)
    let replay = try Program.shell("$BB replay --no-db sent.jsonl", in: workspace)
    #expect(replay.code == 0, "\(replay.errors)")
  }

  @Test("a signal ends it, with what it sent so far on the disk", arguments: ["TERM", "INT"])
  func signal(name: String) throws {
    let result = try Program.shell(
      """
      mkfifo ready
      $BB simulate --input \(Program.fixture("rtds.jsonl")) --rate 1 --sent sent.jsonl >ready & simulator=$!
      read -r line <ready
      kill -\(name) $simulator; wait $simulator
      """, in: workspace)
    #expect(result.code == 0, "\(result.errors)")
    #expect(try workspace.read("sent.jsonl") == "")
  }

  @Test("a port that is taken is one line with the remedy")
  func taken() throws {
    let result = try Program.shell(
      """
      mkfifo ready
      $BB simulate --generate 5 >ready & simulator=$!
      read -r line <ready
      $BB simulate --generate 5 --port "${line##*:}"; code=$?
      kill $simulator; wait $simulator
      exit $code
      """, in: workspace)
    #expect(result.code == 3)
    #expect(
      result.errors.hasSuffix(": Address already in use; name another --host or --port\n"), "\(result.errors)"
    )
  }

  @Test("with a certificate the port speaks TLS", .enabled(if: Program.has("openssl") && Program.has("curl")))
  func tls() throws {
    let result = try Program.shell(
      """
      openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
      2>/dev/null || exit 98
      mkfifo ready
      $BB simulate --generate 5 --certificate cert.pem --private-key key.pem >ready & simulator=$!
      read -r line <ready
      curl --silent --insecure --max-time 20 "https://127.0.0.1:${line##*:}/simulator/status"; code=$?
      kill $simulator; wait $simulator
      exit $code
      """, in: workspace)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("\"total\":5"), "\(result.output)")
  }

  @Test(
    "bad usage ends with 3 and says what is wrong",
    arguments: [
      ("", "--input FILE and --generate"), ("--generate 5 --input x", "--input FILE and --generate"),
      ("--generate 0", "not 0"), ("--input missing.jsonl", "cannot open missing.jsonl"),
      ("--generate 5 --rate 0", "--rate"), ("--generate 5 --rate 5 --speed 1x", "choose one"),
      ("--generate 5 --speed fast", "--speed is max"), ("--generate 5 --faults flood=1", "rest429"),
      ("--generate 5 --twins 2", "--twins"), ("--generate 5 --rest-limit 5", "--rest-limit"),
      ("--generate 5 --duplicate-rate 2", "--duplicate-rate"),
      ("--generate 5 --rest-lag 5x", "'5x' is invalid"),
      ("--generate 5 --port 70000", "--port"), ("--generate 5 --certificate x", "go together"),
      ("--generate 5 --certificate x --private-key y", "cannot use the certificate"),
      (
        "--generate 5 --speed max --start-at-once --exit-when-done --sent /nowhere/x",
        "cannot write /nowhere/x"
      ),
    ])
  func usage(_ arguments: String, _ expected: String) throws {
    let result = try Program.shell("$BB simulate \(arguments)", in: workspace)
    #expect(result.code == 3)
    #expect(result.errors.contains(expected), "\(result.errors)")
  }
}

import TestSupport
import Testing

/// The programs of docs/examples, past an engine that is killed and comes back.
@Suite(.timeLimit(.minutes(5))) struct FollowTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// A Python that has the package `websockets`, installed below `.build` if need be; nil where there is none.
  private static let python: String? = {
    guard Program.has("python3"), let workspace = try? Workspace() else { return nil }
    let folder = "\(Program.root)/.build/python"
    let script = """
      PATH=\(Program.quoted(folder))/bin:$PATH; export PIP_DISABLE_PIP_VERSION_CHECK=1
      python -c 'import websockets.asyncio' 2>/dev/null && exit 0
      python3 -m venv \(Program.quoted(folder)) && timeout 60 pip install --quiet --retries 1 'websockets>=15'
      """
    let made = try? Program.shell(script, in: workspace)
    return made?.code == 0 ? "\(folder)/bin/python" : nil
  }()

  @Test("follow.sh prints every signal once and in order, over a kill -9 of the engine")
  func shell() async throws {
    let program = Program.quoted("\(Program.root)/docs/examples/follow.sh")
    let (lines, signals) = try await follow("BETTERBOT_POSITION=position \(program) http://$api/v1/events")
    let found = lines.compactMap { $0.firstMatch(of: /^\{"type":"signal","n":(\d+),"id":"([0-9a-f]+)"/) }
    #expect(found.compactMap { Int($0.1) } == Array(1..<(found.count + 1)))
    #expect(found.map { String($0.2) } == Array(signals.prefix(found.count)))
    #expect(found.count >= 40 && lines.filter { $0.contains(#""type":"hello""#) }.count == 2)
  }

  @Test(
    "follow.py prints every signal once and in order, over a kill -9 of the engine",
    .enabled(if: python != nil, "skipped: python3 with the package websockets cannot be had"))
  func webSocket() async throws {
    let program = Program.quoted("\(Program.root)/docs/examples/follow.py")
    let (lines, signals) = try await follow(
      "BETTERBOT_POSITION=position \(Self.python ?? "python3") \(program) ws://$api/v1/stream")
    let numbers = lines.compactMap { line in line.firstMatch(of: #/^ *(\d+)  [a-z]+ /#).flatMap { Int($0.1) }
    }
    #expect(numbers == Array(1..<(numbers.count + 1)) && numbers.count <= signals.count)
    #expect(numbers.count >= 40 && lines.filter { $0.contains(#""type": "hello""#) }.count == 2)
  }

  @Test("a token that lets nobody in ends them, with the reason")
  func refused() async throws {
    let result = try await shell(
      engine + """
        start 127.0.0.1:0; export BETTERBOT_TOKEN=bb_aaaaaaaa_x
        timeout 20 \(Program.quoted("\(Program.root)/docs/examples/follow.sh")) http://$api/v1/events; echo "code $?"
        \(Self.python.map { python in
          "timeout 20 \(python) \(Program.root)/docs/examples/follow.py ws://$api/v1/stream; echo \"code $?\""
        } ?? "echo 'code 1'; echo invalid-credential >&2")
        kill -TERM $run; wait $run
        """)
    #expect(result.lines == ["code 1", "code 1"], "\(result)")
    #expect(result.errors.ranges(of: "invalid-credential").count == 2, "\(result.errors)")
  }

  private func shell(_ script: String) async throws -> Program.Result {
    let workspace = workspace
    return try await offPool { try Program.shell(script, in: workspace) }
  }

  /// Runs an engine whose feed is the pipe at descriptor 3: `start ADDRESS` sets `run` and `api`.
  private var engine: String {
    """
    export BETTERBOT_FEEDS_RECORDING_KIND=file BETTERBOT_FEEDS_RECORDING_PATH=pipe BETTERBOT_FEEDS_RECORDING_SPEED=max
    mkfifo pipe
    until_true() { i=0; until eval "$1"; do i=$((i+1)); [ $i -lt 600 ] || exit 98; sleep 0.1; done; }
    start() {
      $BB run --config /dev/null --rules rules --db a.db --listen $1 >out 2>err & run=$!; exec 3>pipe
      until_true 'grep -q "the API listens on" err'
      api=$(sed -n 's,.*the API listens on http://,,p' err)
    }

    """
  }

  /// Follows while orders come, the engine is killed, and others come; returns the lines that were printed, and the
  /// ids of the signals in the journal.
  private func follow(_ command: String) async throws -> (lines: [Substring], signals: [String]) {
    let result = try await shell(
      engine + """
        orders() { gzip -dc \(Program.quoted(Program.fixture("flow.jsonl.gz"))) | head -n $1 >&3; }
        printed() { grep -c 'signal"\\|  [a-z]*  ' lines; }
        echo 0 >position
        export BETTERBOT_TOKEN=$($BB token create me --role viewer --db a.db 2>/dev/null)
        start 127.0.0.1:0; orders 3000
        \(command) >lines 2>trouble & follow=$!
        until_true '[ "$(printed)" -ge 10 ]'
        kill -KILL $run; wait $run; exec 3>&-
        start $api; orders 9000
        until_true '[ "$(printed)" -ge 40 ]'
        kill -TERM $follow; wait $follow
        kill -TERM $run; wait $run; echo "code $?"; cat trouble >&2
        """)
    #expect(result.output.hasSuffix("code 0\n"), "\(result) \((try? workspace.read("err")) ?? "")")
    let ids = try Database(workspace.file("a.db")).text(
      "SELECT group_concat(id) FROM (SELECT lower(hex(id)) AS id FROM signals ORDER BY n)")
    return (try workspace.read("lines").split(separator: "\n"), ids.split(separator: ",").map(String.init))
  }
}

import TestSupport
import Testing

/// Where `betterbot run` listens with its API.
@Suite(.timeLimit(.minutes(5))) struct ListenTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// Runs a line of shell, in which `run NAME OPTIONS` runs an engine without orders whose log is NAME.
  private func shell(_ line: String) async throws -> Program.Result {
    let workspace = workspace
    return try await offPool {
      try Program.shell(
        """
        mkfifo pipe; exec 3<>pipe
        run() { n=$1; shift; $BB run --config /dev/null --rules rules --db $n.db --feed file:pipe "$@" >out 2>$n; }
        has() { i=0; until grep -q "$2" $1 2>/dev/null; do i=$((i+1)); [ $i -lt 300 ] || exit 98; sleep 0.1; done; }
        # Ends an engine once its log says something.
        ends() { n=$1 text=$2; shift 2
          $BB run --config /dev/null --rules rules --db $n.db --feed file:pipe "$@" >out 2>$n & p=$!
          has $n "$text"; kill -TERM $p; wait $p; echo "code $?"; }
        \(line)
        """, in: workspace)
    }
  }

  @Test("who listens to others without TLS is warned, and who listens to this machine is not")
  func warning() async throws {
    let result = try await shell(
      """
      ends all 'whoever sees the traffic' --listen 0.0.0.0:0; ends own 'the API listens on' --listen 127.0.0.1:0
      cat all >&2; grep -c 'whoever sees the traffic' all own
      """)
    #expect(result.lines == ["code 0", "code 0", "all:1", "own:0"], "\(result)")
  }

  @Test("a port that is taken ends a run that was told to listen there, and no other")
  func taken() async throws {
    let result = try await shell(
      """
      $BB run --config /dev/null --rules rules --db first.db --feed file:pipe --listen 127.0.0.1:0 >out 2>first &
      first=$!; has first 'the API listens on'
      api=$(sed -n 's,.*the API listens on http://,,p' first)
      $BB status --db first.db | grep -c "the API listens on http://$api"
      run second --listen $api; echo "code $?"; grep -c 'another program listens there' second
      # Whether this holds the usual port, or somebody else does already.
      $BB simulate --generate 1 --port 8787 >held 2>&1 & holder=$!; has held .
      unset BETTERBOT_API_LISTEN; ends third 'the run goes on without'; grep -c 'the run goes on without' third
      kill $holder; wait $holder
      kill -TERM $first; wait $first; echo "code $?"
      """)
    #expect(result.lines == ["1", "code 3", "1", "code 0", "1", "code 0"], "\(result)")
  }
}

import Testing

/// `betterbot record` of a live feed, with the simulator as the venue.
@Suite(.serialized, .timeLimit(.minutes(5))) struct RecordLiveTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  /// Starts a simulator with some arguments; its address is then `$AT`, its id `$SIM`.
  private func simulator(_ arguments: String) -> String {
    """
    unset http_proxy https_proxy all_proxy
    mkfifo ready; $BB simulate \(arguments) >ready & SIM=$!; trap 'kill -9 $SIM' EXIT
    read -r line <ready; AT=127.0.0.1:${line##*:}
    """
  }

  @Test(
    "what a venue sent is in the recording, each order once, through faults, and replays to the same orders")
  func complete() throws {
    // Reads prove a gap filled after a second, as the simulator's REST does not lag.
    let result = try Program.shell(
      """
      \(simulator("--generate 4000 --rate 800 --seed 7 --faults drop=2 --duplicate-rate 0.02 --sent sent.jsonl"))
      export BETTERBOT_FEEDS_DOME_MARGIN=1s BETTERBOT_FEEDS_DOME_AUDIT=1s \
        BETTERBOT_FEEDS_DOME_RECONNECT=100ms BETTERBOT_FEEDS_DOME_REQUESTS_PER_SECOND=20
      $BB record --feed dome:ws://$AT --rest http://$AT --limit 4000 out.jsonl.gz || exit
      kill -TERM $SIM; wait $SIM
      for input in sent.jsonl out.jsonl.gz; do
        $BB replay --journal --db $input.db $input >/dev/null 2>&1
        sqlite3 $input.db "SELECT t, user, tx_hash, token_id, shares, price, side FROM events" | sort >$input.txt
      done
      wc -l <sent.jsonl.txt; cmp sent.jsonl.txt out.jsonl.gz.txt && ls -A | grep -c partial
      """, in: workspace)
    #expect(result.output.contains("4,000 orders of "), "\(result.output)\(result.errors)")
    #expect(result.output.hasSuffix("4000\n0\n"), "\(result.output)\(result.errors)")
    let manifest = try workspace.read("out.jsonl.gz.manifest.json")
    #expect(manifest.contains("\"orders\":4000") && manifest.contains("\"kind\":\"dome\""))
    #expect(manifest.matches(of: /"backfilled":(true|false)/).count >= 2, "\(manifest)")
  }

  @Test(
    "a signal, --for or the limit ends a recording of a venue that has gone quiet, which is then complete",
    arguments: [("--limit 50", ":"), ("--for 3s", ":"), ("", "kill -INT $!"), ("", "kill -TERM $!")])
  func ends(_ option: String, _ signal: String) throws {
    let result = try Program.shell(
      """
      \(simulator("--generate 50 --rate 500"))
      $BB record --feed dome:ws://$AT --rest off \(option) out.gz >said &
      until curl -s http://$AT/simulator/status | grep -q '"sent":50'; do sleep 0.05; done
      \(signal); wait $!; echo code $?; cat said; gzip -dc out.gz | wc -l
      """, in: workspace)
    #expect(result.output.contains("code 0\n") && result.output.contains("recording: out.gz"), "\(result)")
  }

  @Test("a relay that cannot be reached leaves an empty recording that says so, and the key nowhere")
  func unreachable() throws {
    let result = try Program.shell(
      """
      unset http_proxy https_proxy all_proxy
      BETTERBOT_FEEDS_DOME_KEY=recognisable $BB record --feed dome:ws://127.0.0.1:1 --for 1s out.gz
      echo code $?; cat out.gz.manifest.json
      """, in: workspace)
    #expect(result.output.contains("code 0") && result.output.hasPrefix("0 orders"), "\(result)")
    #expect(result.errors.contains("feed dome: ws://127.0.0.1:1"), "\(result)")
    #expect(!(result.output + result.errors).contains("recognisable"))
  }
}

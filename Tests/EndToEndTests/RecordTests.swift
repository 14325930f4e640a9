import Testing

@Suite(.timeLimit(.minutes(5))) struct RecordTests {
  private let workspace: Workspace
  private let flow = Program.quoted(Program.fixture("flow.jsonl.gz"))

  init() throws { workspace = try Workspace() }

  @Test("a recording of a recording gives the same signals, and its checksum is the manifest's")
  func same() throws {
    let result = try Program.shell(
      """
      $BB record --feed file:\(flow) out.jsonl.gz && sha256sum out.jsonl.gz >sum
      $BB replay --no-db --format ndjson \(flow) >a 2>/dev/null
      $BB replay --no-db --format ndjson out.jsonl.gz >b 2>/dev/null
      cmp a b && wc -l <a && ls -A
      """, in: workspace)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.lines.first?.hasPrefix("20,055 orders of ") == true)
    #expect(result.output.contains("198 repeats dropped"))
    #expect(result.output.contains("167\n") && !result.output.contains("partial"))
    let sum = try workspace.read("sum").prefix(64)
    let manifest = try workspace.read("out.jsonl.gz.manifest.json")
    #expect(manifest.contains("\"sha256\":\"\(sum)\"") && manifest.contains("\"orders\":20055"))
    #expect(manifest.contains("\"source\":\"flow.jsonl.gz\""))
  }

  @Test("a signal ends the recording, which is then complete")
  func interrupted() throws {
    // The pipe stays open, and brings one more line after the signal.
    let result = try Program.shell(
      """
      mkfifo pipe; $BB record --feed file:pipe out.gz & exec 3>pipe
      gzip -dc \(flow) | head -100 >&3
      while [ ! -s .out.gz.$!.partial ] && [ ! -e .out.gz.$!.partial ]; do sleep 0.01; done
      kill -TERM $!; gzip -dc \(flow) | head -101 | tail -1 >&3
      wait $!; echo code $?; gzip -t out.gz && ls -A | grep -c partial
      """, in: workspace)
    #expect(result.output.contains("code 0"), "\(result.output) \(result.errors)")
    #expect(result.output.contains("recording: out.gz") && result.output.hasSuffix("0\n"))
  }

  @Test(
    "bad usage ends with 3 and leaves no file",
    arguments: [
      ("record", "Missing expected argument"), ("record --for 5 x.gz", "--for must be a duration"),
      ("record --limit 0 x.gz", "--limit is at least 1"),
      ("record --wallet 0x1 x.gz", "40 hexadecimal digits"),
      ("record --pseudonym-key-file k x.gz", "is for --pseudonymize"),
      ("record --feed file:none.gz x.gz", "cannot open none.gz"),
      ("record --feed fil:a x.gz", "did you mean 'file'?"),
      ("record --feed file:a --pseudonymize --pseudonym-key-file none x.gz", "cannot open none"),
      (
        "record --feed file:a --pseudonymize --pseudonym-key-file rules/sweep.lua no/x.gz",
        "cannot write no/x.gz"
      ),
    ])
  func badUsage(_ line: String, _ expected: String) throws {
    let result = try Program.shell("$BB \(line)", in: workspace)
    #expect(result.code == 3 && result.errors.contains(expected), "\(result.code) \(result.errors)")
    #expect(result.output == "")
    #expect(try Program.shell("ls -A | grep -E 'x.gz'", in: workspace).output == "")
  }
}

import Glibc
import Testing

@Suite struct TroubleTests {
  private let workspace: Workspace
  private let flow = Program.quoted(Program.fixture("flow.jsonl.gz"))
  private let frames = Program.quoted(Program.fixture("rtds.jsonl"))
  /// Fires for each frame, so that there is much to write.
  private static let every =
    "local R = rule { title = \"x\" }\n"
    + "function R.on_order(o) signal { title = (\"x\"):rep(200) } end\nreturn R"

  init() throws {
    workspace = try Workspace()
    try workspace.write(Self.every, to: "own/every.lua")
  }

  /// Whether this machine lets us mount a small disk.
  static let canMount: Bool = {
    guard geteuid() == 0, let workspace = try? Workspace() else { return false }
    let script = "mkdir d && mount -t tmpfs -o size=1m none d && umount d"
    return (try? Program.shell(script, in: workspace).code) == 0
  }()

  @Test("a reader that leaves ends a listing quietly, and a replay that stores goes on to its end")
  func closedPipe() throws {
    let listing = """
      $BB replay --rules own --db my.db --format ndjson \(flow) | head -n 1 >first
      $BB signals --db my.db --format ndjson >all
      { $BB signals --db my.db --format ndjson; echo $? >code; } | head -n 1 >second
      { $BB replay --rules own --no-db --format ndjson \(flow); echo $? >code2; } | head -n 1 >third
      cat code code2; cmp first second && cmp first third && wc -l <all
      """
    let result = try Program.shell(listing, in: workspace)
    #expect(result.output == "0\n0\n20055\n")
    #expect(!result.errors.contains("betterbot:"))
  }

  @Test("a limit ends the run although the pipe stays open")
  func openPipe() throws {
    let script = """
      export FRAMES=\(frames); sh -c 'echo $$ >writer; cat "$FRAMES"; exec tail -f /dev/null' |
        { $BB replay --no-db --limit 400 -; echo "code $?"; kill "$(cat writer)"; }
      """
    let result = try Program.shell(script, in: workspace)
    #expect(result.output.contains("400 orders in") && result.output.hasSuffix("code 0\n"))
  }

  @Test("messages that nobody reads do not end a run")
  func closedErrors() throws {
    let result = try Program.shell(
      "$BB replay --no-db --format ndjson --rules own \(frames) 2>&-", in: workspace)
    #expect(result.code == 0)
    #expect(result.lines.count == 413)
  }

  @Test(
    "results that cannot be written are an error",
    .enabled(if: access("/dev/full", W_OK) == 0, "skipped: no /dev/full"))
  func fullOutput() throws {
    for command in [
      "replay --rules own --no-db --format ndjson \(frames)", "check", "replay --no-db \(frames)",
    ] {
      let result = try Program.shell("$BB \(command) >/dev/full", in: workspace)
      #expect(result.code == 3)
      #expect(result.errors.contains("betterbot: cannot write the output: No space left on device"))
    }
    let stats = try Program.shell("$BB replay --no-db --stats /dev/full \(frames)", in: workspace)
    #expect(stats.code == 3 && stats.errors.contains("--stats: cannot write /dev/full"))
  }

  @Test(
    "a full disk is said, and what was stored before stays whole",
    .enabled(if: TroubleTests.canMount, "skipped: mounting a small disk needs root"))
  func fullDisk() throws {
    let script = """
      mkdir disk; mount -t tmpfs -o size=3m none disk || exit 99; trap 'umount disk' EXIT
      $BB replay --rules own --db disk/my.db --limit 1000 \(flow) >/dev/null || exit 98
      $BB replay --rules own --db disk/my.db \(flow) >out; echo "code $?"
      $BB signals --db disk/my.db --format ndjson >left; $BB signals --db disk/my.db >/dev/null || exit 97
      mount -o remount,size=60m disk
      $BB replay --rules own --db disk/my.db \(flow) >/dev/null || exit 96
      cp disk/my.db .
      """
    let result = try Program.shell(script, in: workspace)
    #expect(result.code == 0)
    #expect(result.output == "code 3\n")
    #expect(result.errors.contains("disk/my.db: the disk is full; free some space"))
    #expect(try workspace.read("left").split(separator: "\n").count >= 986)
    let database = try Database(workspace.file("my.db"))
    #expect(try database.text("PRAGMA integrity_check") == "ok")
    #expect(try database.count("SELECT count(*) FROM signals") == 20_055)
  }

  @Test("a journal in a missing directory, in place of a directory, or of another program is refused")
  func wrongJournal() throws {
    _ = try Program.shell("mkdir folder; : >text; echo hello there, this is text >text", in: workspace)
    for (path, words) in [
      ("missing/my.db", "no such file or directory"), ("folder", "is a directory"),
      ("text", "no SQLite database"),
    ] {
      let result = try Program.shell("$BB replay --db \(path) \(frames)", in: workspace)
      #expect(result.code == 3)
      #expect(
        result.errors.contains("betterbot: \(path): ") && result.errors.contains(words), "\(result.errors)")
      #expect(result.output == "")
    }
    #expect(try workspace.read("text") == "hello there, this is text\n")
  }

  @Test(
    "a journal that may not be written is refused",
    .enabled(
      if: geteuid() != 0 || Program.has("setpriv"),
      "skipped: root may write everything, and there is no setpriv"))
  func readOnly() throws {
    let drop = geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups" : ""
    let script = """
      $BB replay --db my.db \(frames) >/dev/null; chmod 444 my.db; chmod 755 .
      cp "$BB" ./copy; chmod 755 copy
      \(drop) ./copy replay --db my.db \(frames); echo "code $?"
      """
    let result = try Program.shell(script, in: workspace)
    #expect(result.output == "code 3\n")
    #expect(result.errors.contains("my.db: the file may not be opened or written; check the permissions"))
  }

  @Test("two programs cannot write one journal, and one can read it meanwhile")
  func twoWriters() throws {
    let script = """
      mkfifo hold ready
      { cat \(frames); echo >ready; cat hold; } | $BB replay --rules own --db my.db - >/dev/null &
      read -r line <ready
      i=0; until [ -s my.db ]; do i=$((i+1)); [ $i -lt 5000 ] || exit 99; done
      $BB replay --db my.db \(frames); echo "code $?"
      echo >hold; wait
      $BB signals --db my.db --format ndjson | wc -l
      """
    let result = try Program.shell(script, in: workspace)
    #expect(result.output == "code 3\n413\n")
    #expect(
      result.errors.contains("my.db: another betterbot has this journal open; stop it, or name another file"))
  }

  @Test("a journal of a newer program is refused by every command")
  func newerJournal() throws {
    _ = try Program.shell("$BB replay --db my.db \(frames)", in: workspace)
    try Database(workspace.file("my.db")).run("PRAGMA user_version = 99")
    for command in ["replay --db my.db \(frames)", "signals --db my.db"] {
      let result = try Program.shell("$BB \(command)", in: workspace)
      #expect(result.code == 3)
      #expect(result.errors.contains("my.db: ") && result.errors.contains("newer"), "\(result.errors)")
    }
  }

  @Test("a recording that changed under its name is refused; under another name it is another one")
  func clash() throws {
    let script = """
      $BB replay --journal --db my.db --format ndjson \(frames)
      { head -n 1 \(frames); tail -n +3 \(frames); } >other.jsonl
      $BB replay --journal --db my.db other.jsonl >/dev/null || exit 9
      mkdir changed; cp other.jsonl changed/rtds.jsonl; $BB replay --journal --db my.db changed/rtds.jsonl
      """
    let result = try Program.shell(script, in: workspace)
    #expect(result.code == 3)
    #expect(
      result.errors.contains("belongs to another order") && result.errors.contains("a journal of its own"))
    #expect(try Database(workspace.file("my.db")).count("SELECT count(*) FROM events") == 413)
  }

  @Test("a recording that is cut off gives what could be read, then the error")
  func cutRecording() throws {
    let script = "head -c 1000000 \(flow) >cut.gz; $BB replay --db my.db --stats stats.json cut.gz"
    let result = try Program.shell(script, in: workspace)
    #expect(result.code == 3)
    #expect(
      result.errors.hasSuffix(
        "betterbot: cut.gz is cut off: the gzip data ends too early; copy the file again\n"))
    #expect(result.output.contains("orders in"))
    let stored = try Database(workspace.file("my.db")).count("SELECT count(*) FROM signals")
    #expect(stored > 20 && stored < 167)
    #expect(try workspace.read("stats.json").contains("\"signals\":\(stored),"))
  }

  @Test("killed in the middle, the journal is whole, and a rerun completes it without storing anything twice")
  func killed() throws {
    // The pipe stays open behind 60,165 orders, so that the run has committed once and then waits.
    let script = """
      export FLOW=\(flow); trap 'kill "$(cat writer)"' EXIT
      sh -c 'echo $$ >writer; gzip -dc "$FLOW" "$FLOW" "$FLOW"; exec tail -f /dev/null' |
        sh -c 'echo $$ >pid; exec "$BB" replay --journal --rules own --db my.db -' &
      i=0; until $BB signals --db my.db --format ndjson --limit 1 2>/dev/null | grep -q .; do
        i=$((i+1)); [ $i -lt 1000 ] || { kill -9 "$(cat pid)"; exit 99; }; done
      kill -9 "$(cat pid)"; while grep -q replay "/proc/$(cat pid)/cmdline" 2>/dev/null; do :; done
      cp my.db killed.db; cp my.db-wal killed.db-wal
      $BB signals --db my.db --format ndjson >before
      gzip -dc "$FLOW" | $BB replay --journal --rules own --db my.db --format ndjson - >lines || exit 98
      $BB signals --db my.db --format ndjson >after; cmp lines after
      """
    let result = try Program.shell(script, in: workspace)
    #expect(result.code == 0)
    let before = try workspace.read("before")
    let after = try workspace.read("after")
    #expect(!before.isEmpty && after.hasPrefix(before))
    for name in ["killed.db", "my.db"] {
      #expect(try Database(workspace.file(name)).text("PRAGMA integrity_check") == "ok")
    }
    let database = try Database(workspace.file("my.db"))
    #expect(try database.count("SELECT count(*) FROM events") == 20_055)
    #expect(try database.count("SELECT count(*) FROM signals") == 20_055)
  }
}

import Glibc
import Testing

/// `betterbot run` against servers that are wrong, as its user sees it.
@Suite(.serialized, .timeLimit(.minutes(5))) struct LiveTroubleTests {
  private let workspace: Workspace
  private static let key = "recognisable-Key=77?with#signs"
  /// The key as it may stand in a url, and its parts that nobody else would write.
  private static let traces = ["recognisable", "%3Fwith", "%23signs", "Key%3D77"]

  init() throws { workspace = try Workspace() }

  /// A server in Python that answers each connection with these bytes, after an HTTP request when `handshake` is set.
  private static let server = """
    import base64, hashlib, os, socket, sys
    open("pid", "w").write(str(os.getpid()))
    kind = sys.argv[1]
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        peer, _ = listener.accept()
        try:
            head = b""
            while b"\\r\\n\\r\\n" not in head:
                more = peer.recv(65536)
                if not more: break
                head += more
            if kind == "page":
                body = b"<html><body>It works</body></html>"
                peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/html\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
            elif kind == "denied":
                body = b"no such key: " + head.split()[1]
                peer.sendall(b"HTTP/1.1 401 Unauthorized\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body)
            else:
                lines = dict(line.split(b": ", 1) for line in head.split(b"\\r\\n")[1:] if b": " in line)
                nonce = lines[b"Sec-WebSocket-Key"] + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
                accept = base64.b64encode(hashlib.sha1(nonce).digest())
                peer.sendall(b"HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + accept + b"\\r\\n\\r\\n")
                if kind == "garbage": peer.sendall(bytes([0xF3, 0xFF, 1, 2, 3, 4, 5, 6, 7, 8]))
                if kind == "huge": peer.sendall(bytes([0x81, 127]) + (100 << 20).to_bytes(8, "big") + b"x" * 1000)
                if kind == "echo":
                    said = b'{"type":"error","message":"bad request ' + head.split()[1] + b'"}'
                    peer.sendall(bytes([0x81, 126]) + len(said).to_bytes(2, "big") + said)
                while peer.recv(65536): pass
        except OSError: pass
        peer.close()
    """

  /// Runs until `words` are said, then ends it by SIGTERM. The url may use `$PORT` of the server.
  private func run(_ kind: String, _ url: String, until words: String, more: String = "") throws
    -> Program.Result
  {
    try workspace.write(Self.server, to: "server.py")
    try workspace.write(
      "db: live.db\nfeeds:\n  relay:\n    kind: dome\n    url: \(url)\n    rest: off\n\(more)", to: "live.in")
    let script = """
      export BETTERBOT_FEEDS_RELAY_KEY=\(Program.quoted(Self.key)); unset http_proxy https_proxy all_proxy
      python3 server.py \(kind) >port 2>/dev/null &
      trap 'kill -9 "$(cat pid)"' EXIT
      i=0; until [ -s port ]; do i=$((i+1)); [ $i -lt 1000 ] || exit 99; sleep 0.05; done
      sed "s/PORT/$(cat port)/" live.in >live.yaml
      $BB run --config live.yaml >out 2>err & run=$!
      i=0; until grep -qF \(Program.quoted(words)) err; do
        i=$((i+1)); [ $i -lt 200 ] || { kill -9 $run; cat err; exit 98; }
        kill -0 $run || exit 97; sleep 0.1; done
      tr '\\0' ' ' <"/proc/$run/cmdline" >argv
      kill -TERM $run; wait $run; echo "code $?"
      cat out err argv; cat live.db* | strings 2>/dev/null | grep -i recognisable
      """
    return try Program.shell(script, in: workspace)
  }

  @Test(
    "each trouble is one line with the feed's name and a remedy; the run stays up, ends with 0, and keeps its key",
    .enabled(if: Program.has("python3"), "skipped: there is no python3"),
    arguments: [
      ("page", "ws://127.0.0.1:PORT", "answered with a web page, not a WebSocket: check the url"),
      ("denied", "ws://127.0.0.1:PORT", "check the key"), ("page", "ws://127.0.0.1:1", "check"),
      ("page", "ws://nowhere.invalid", "check"), ("page", "wss://127.0.0.1:PORT", "check"),
      ("garbage", "ws://127.0.0.1:PORT", "trying again"),
      ("huge", "ws://127.0.0.1:PORT", "a message of more than"),
      ("echo", "ws://127.0.0.1:PORT", "bad request"),
    ])
  func trouble(kind: String, url: String, words: String) throws {
    let result = try run(kind, url, until: words)
    #expect(result.code == 0 || result.code == 1, "\(result.output)")
    #expect(result.output.hasPrefix("code 0\n"), "\(result.output)\(result.errors)")
    let line = result.output.split(separator: "\n").first { $0.contains(words) }
    #expect(line?.contains("feed relay: ") == true)
    for trace in Self.traces { #expect(!result.output.contains(trace), "the key shows in: \(result.output)") }
  }

  @Test(
    "a run whose recording cannot be read ends with 3 and says why; what cannot be read in it is pointed at",
    arguments: [
      ("file:none.jsonl", Int32(3), "feed file: cannot open none.jsonl: No such file or directory"),
      ("file:rules", 3, "feed file: cannot read rules: it is a directory"),
      ("file:rules/sweep.lua", 0, "messages could not be read; why: sqlite3 a.db 'SELECT"),
    ])
  func unreadable(feed: String, code: Int32, words: String) throws {
    let result = try Program.run(["run", "--db", "a.db", "--feed", feed], in: workspace)
    #expect(result.code == code)
    #expect((code == 0 ? result.output : result.errors).contains(words), "\(result)")
    #expect(!result.output.contains("next:"))
  }

  @Test("a refused reload is one line that names the rule, and the run goes on")
  func refusedReload() throws {
    let result = try Program.shell(
      """
      cp -rL rules own; mkfifo pipe
      $BB run --rules own --db a.db --feed file:pipe >out 2>err & run=$!; exec 3>pipe
      i=0; until $BB status --db a.db >status 2>/dev/null; do
        i=$((i+1)); [ $i -lt 200 ] || exit 98; sleep 0.1; done
      echo 'return rule { title = "x" }' >own/new.lua; kill -HUP $run
      i=0; until grep -q 'not reloaded' err; do i=$((i+1)); [ $i -lt 200 ] || exit 97; sleep 0.1; done
      kill -TERM $run; wait $run; echo "code $?"; grep 'not reloaded' err
      """, in: workspace)
    #expect(result.output.hasPrefix("code 0\n"), "\(result)")
    #expect(result.output.contains(" goes on: new.lua: the rule has no hook"), "\(result)")
  }
}

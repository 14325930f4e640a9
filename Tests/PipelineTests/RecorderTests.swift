import Crypto
import Feeds
import Glibc
import NIOCore
import OrderFlow
import Testing
import Wire

@testable import Pipeline

@Suite struct RecorderTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private var path: String { workspace.file("out.jsonl.gz") }

  private func options() -> Recorder.Options {
    Recorder.Options(
      path: path,
      feeds: [
        FeedSettings(name: "relay", kind: .dome(DomeSettings(url: "wss://h/KEY", restURL: nil, key: "KEY")))
      ])
  }

  private func line(
    _ number: Int, user: String = "0xaa", market: String = "m", taker: String = "", extra: String = ""
  ) -> String {
    #"{"token_id":"7","side":"BUY","market_slug":"\#(market)","shares":1000000,"price":0.5,"tx_hash":"0x\#(number)","timestamp":\#(1_760_000_000 + number),"user":"\#(user)","taker":"\#(taker)"\#(extra)}"#
  }

  private func message(_ text: String, source: UInt16 = 0) -> FeedItem {
    .message(FeedMessage(source: source, bytes: ByteBuffer(string: text), receivedAt: 0))
  }

  /// The lines of the recording.
  private func lines(_ path: String? = nil) throws -> [Substring] {
    var source = try ByteSource(path: path ?? self.path)
    var bytes: [UInt8] = []
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { block.deallocate() }
    while true {
      let count = try source.read(into: block)
      if count == 0 { return String(decoding: bytes, as: UTF8.self).split(separator: "\n") }
      bytes += block[..<count]
    }
  }

  private func text(_ path: String) -> String {
    guard let file = fopen(path, "re") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    return String(decoding: bytes[..<fread(&bytes, 1, bytes.count, file)], as: UTF8.self)
  }

  @Test("orders of several feeds are recorded once, and the manifest says what they are")
  func records() throws {
    let recorder = try Recorder(options())
    try recorder.take(message("[\(line(1)),\(line(2))]"))
    try recorder.take(message(line(2), source: 1))
    try recorder.take(message(line(3, user: "0xbb", market: "n"), source: 1))
    try recorder.take(.audited(source: 0, time: 1))
    try recorder.take(.gap(FeedGap(source: 0, from: 5, to: 6, isBackfilled: false)))
    try recorder.take(.gap(FeedGap(source: 0, from: 5, to: 9, isBackfilled: true)))
    try recorder.take(.gap(FeedGap(source: 1, from: 5, to: 6, isBackfilled: false)))
    #expect(access(path, F_OK) != 0)
    let manifest = try recorder.finish()
    #expect(try lines().count == 3)
    #expect(
      manifest.orders == 3 && manifest.duplicates == 1 && manifest.wallets == 2 && manifest.markets == 2)
    #expect(manifest.range == 1_760_000_001_000...1_760_000_003_000)
    let sum = SHA256.hash(data: try bytes(path)).map {
      String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
    }
    #expect(
      text(path + ".manifest.json")
        == #"{"betterbot_recording":1,"file":"out.jsonl.gz","sha256":"\#(sum.joined())","feeds":[{"name":"relay","kind":"dome","source":"wss://h"}],"from":1760000001000,"to":1760000003000,"orders":3,"markets":2,"wallets":2,"duplicates":1,"rejected":0,"gaps":[{"from":5,"to":9,"backfilled":true},{"from":5,"to":6,"backfilled":false}],"filtered":false,"pseudonymized":false}"#
        + "\n")
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "re"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    return Array(bytes[..<fread(&bytes, 1, bytes.count, file)])
  }

  @Test("rows of REST are recorded too, however many there are")
  func rows() throws {
    let recorder = try Recorder(options())
    var scanner = OrderScanner()
    var batch = OrderBatch(capacity: 2000)
    let text = (0..<1300).map { line($0) }.joined(separator: "\n")
    text.withCString { scanner.append(UnsafeRawBufferPointer(start: $0, count: text.utf8.count)) }
    scanner.finish()
    _ = scanner.next(into: &batch)
    let rows = RowBatch()
    rows.append(UnsafeBufferPointer(batch.orders))
    try recorder.take(.rows(rows))
    #expect(try recorder.finish().orders == 1300)
    #expect(try lines().count == 1300)
  }

  @Test("a message that is cut is counted and does not touch the next")
  func cut() throws {
    let recorder = try Recorder(options())
    try recorder.take(message(#"{"token_id":"7","side":"#))
    try recorder.take(message(line(1)))
    try recorder.take(message("PONG"))
    try recorder.take(message(""))
    try recorder.take(message(line(2)))
    let manifest = try recorder.finish()
    #expect(manifest.orders == 2 && manifest.rejected == 2)
  }

  @Test("filters and the limit")
  func filters() throws {
    var options = self.options()
    options.markets = ["m"]
    options.wallets = ["0xaa"]
    options.limit = 2
    let recorder = try Recorder(options)
    try recorder.take(message(line(1, user: "0xBB")))
    try recorder.take(message(line(2, market: "n")))
    try recorder.take(message("[\(line(3, user: "0xAA")),\(line(4)),\(line(5))]"))
    #expect(recorder.isFull)
    try recorder.take(message(line(6)))
    let manifest = try recorder.finish()
    #expect(manifest.orders == 2 && manifest.isFiltered)
    #expect(try lines().map { $0.contains(#""tx_hash":"0x3""#) } == [true, false])
  }

  @Test("pseudonyms are stable, keep their form, and spare exchanges; another key gives others")
  func pseudonyms() throws {
    func record(_ key: String, _ name: String) throws -> [Substring] {
      var options = self.options()
      options.path = workspace.file(name)
      options.pseudonyms = Pseudonyms(key: SymmetricKey(data: Array(key.utf8)))
      let recorder = try Recorder(options)
      let exchange = ScannerOptions.polymarketExchanges[0]
      let wallet = "0x" + String(repeating: "ab", count: 20)
      try recorder.take(message(line(1, user: wallet, taker: exchange)))
      let hash = "0x" + String(repeating: "cd", count: 60)
      try recorder.take(
        message(line(2, user: "0xbb", taker: wallet, extra: #","order_hash":"\#(hash)""#)))
      #expect(try recorder.finish().isPseudonymized)
      let lines = try self.lines(options.path)
      #expect(lines.count == 2 && lines[0].contains(#""taker":"\#(exchange)""#))
      for secret in [wallet, hash, #""0xbb""#, #""0x1""#] { #expect(!lines.joined().contains(secret)) }
      #expect(text(options.path + ".manifest.json").contains(#""pseudonymized":true"#))
      return lines
    }
    let lines = try record("key one of some length", "a.gz")
    let user = try #require(lines[0].firstMatch(of: /"user":"(0x[0-9a-f]{40})"/)).1
    #expect(lines[1].contains(#""taker":"\#(user)""#))
    #expect(
      lines[1].contains(/"user":"0x[0-9a-f]{2}"/) && lines[1].contains(/"order_hash":"0x[0-9a-f]{120}"/))
    #expect(lines[1].contains(/"tx_hash":"0x[0-9a-f]"/))
    #expect(try record("key one of some length", "b.gz") == lines)
    #expect(try record("key two of some length", "c.gz") != lines)
  }

  @Test("what is there is not overwritten, and what is given up leaves nothing")
  func files() throws {
    do {
      let recorder = try Recorder(options())
      try recorder.take(message(line(1)))
    }
    #expect(workspace.names() == [])
    try workspace.write("mine", to: "out.jsonl.gz")
    let error = #expect(throws: FeedError.self) { try Recorder(self.options()) }
    #expect(error?.description == "\(path) is there already; move it away, or name another file")
    #expect(text(path) == "mine")
    var options = self.options()
    options.path = workspace.file("no/out.gz")
    #expect(throws: FeedError.self) { try Recorder(options) }
  }

  @Test("live feeds are told to end when the recording is full")
  func outlet() async throws {
    var options = self.options()
    options.limit = 1
    let outlet = try RecorderOutlet(options)
    try await outlet.send(message(line(1)))
    await #expect(throws: CancellationError.self) { try await outlet.send(message(line(2))) }
    #expect(try await outlet.finish().orders == 1)
  }
}

import Feeds
import OrderFlow
import Pipeline
import RuleEngine
import Testing

@testable import betterbot

@Suite struct LiveFrameTests {
  static let status: LiveStatus = {
    var status = LiveStatus()
    status.journal = "betterbot.db"
    status.version = "0123456789abcdef"
    status.queueLimit = 1024
    status.rate = 740
    status.signals = 3
    status.orders = 962
    status.lag = 356
    var feed = FeedStatus(name: "relay", kind: "dome")
    feed.state = .waiting
    feed.gaps = 3
    feed.openGaps = 1
    feed.lastError = "closed\u{1B}[2J\n"
    status.feeds = [feed]
    let sources = RuleSources(rules: (0..<9).map { RuleSources.File(name: "rule_\($0)", source: rule) })
    status.rules = (try? Engine(sources))?.totals ?? []
    return status
  }()

  private static let rule = Array(
    "local R = rule { title = 't' }\nfunction R.on_order(o) end\nreturn R\n".utf8)

  static func signal(_ number: Int, _ title: String = "a title") -> Signal {
    var signal = Signal(
      id: Digest128(high: 0, low: UInt64(number)), rule: "whale_order", version: "v", seq: Int64(number),
      time: 1_767_556_295_000, severity: .high, title: "\(number) \(title)")
    signal.foldCount = number == 2 ? 4 : 0
    return signal
  }

  private func lines(_ columns: Int, _ rows: Int, colour: Bool = false, signals: Int = 50) -> [String] {
    LiveFrame(size: (columns, rows), hasColour: colour, now: 61_000).lines(
      LiveFrameTests.status, (1..<(signals + 1)).map { LiveFrameTests.signal($0) })
  }

  @Test("where the run stands is above the newest signals")
  func frame() {
    let lines = lines(110, 24)
    #expect(lines.count == 23)
    #expect(lines[0] == "BetterBot · betterbot.db · rule set 0123456789abcdef · running for 61 s")
    #expect(lines[1] == "740 orders/s · lag 356 ms · queue 0/1,024 · 3 signals · 962 orders · 0 B")
    #expect(lines[2] == "relay  waiting     closed\\u{1b}[2J\\n; 0 orders, 3 gaps (1 open)")
    #expect(lines.last == "2026-01-04 19:51:35  high      whale_order         50 a title")
  }

  @Test("where the API listens is at the end of the first line")
  func api() {
    var status = LiveFrameTests.status
    status.api = "http://127.0.0.1:8787"
    let frame = LiveFrame(size: (200, 24), hasColour: false, now: 61_000)
    #expect(frame.lines(status, [])[0].hasSuffix(" · running for 61 s · http://127.0.0.1:8787"))
  }

  @Test(
    "a frame fits the terminal, however small",
    arguments: [(1, 1), (1, 50), (10, 3), (40, 8), (48, 14), (80, 24), (300, 100)])
  func fits(_ columns: Int, _ rows: Int) {
    for colour in [false, true] {
      let lines = lines(columns, rows, colour: colour)
      #expect(lines.count <= max(1, rows - 1))
      for line in lines {
        let plain = line.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(TerminalWidth.of(plain) <= columns && !plain.contains("\u{1B}"), "\(line)")
      }
    }
  }

  @Test("colour changes nothing but colour", arguments: [10, 30, 48, 80, 120])
  func colour(_ columns: Int) {
    let coloured = lines(columns, 24, colour: true)
    #expect(coloured.contains { $0.contains("\u{1B}[") })
    #expect(coloured.map { $0.replacing(/\u{1B}\[[0-9;]*m/, with: "") } == lines(columns, 24))
  }

  @Test("rules take a third of the terminal at most, and say how many more there are")
  func rules() {
    #expect(lines(80, 60).contains("rule_8        0     0.000       0"))
    let short = lines(80, 18)
    #expect(short.contains("rule_2        0     0.000       0") && short.contains("… 6 more rules"))
    #expect(!lines(80, 9).contains { $0.hasPrefix("RULE") })
  }

  @Test("a row without a limit cuts nothing")
  func unlimited() {
    var signal = LiveFrameTests.signal(1, String(repeating: "long ", count: 100))
    signal.rule = "a_rule_with_a_rather_long_name"
    let row = LiveFrame(size: (.max, .max), hasColour: false, now: 0).row(signal)
    #expect(row.contains("a_rule_with_a_rather_long_name  1 long") && !row.contains("…"))
    #expect(row.hasSuffix("long "))
    signal.dataGap = true
    let marked = LiveFrame(size: (.max, .max), hasColour: false, now: 0).row(signal)
    #expect(marked == row + " [data gap]")
  }

  @Test("a narrow terminal shows titles all the same")
  func narrow() {
    #expect(lines(48, 24).last == "19:51:35  high      whale_ord…  50 a title")
  }

  @Test("trouble with the disk is the first line, and no signal is said so")
  func trouble() {
    var status = LiveFrameTests.status
    status.diskTrouble = "full"
    let frame = LiveFrame(size: (80, 24), hasColour: false, now: 0)
    #expect(frame.lines(status, [Signal]()).first == "NOTHING IS STORED: full")
    #expect(frame.lines(status, [Signal]()).last == "no signal yet")
  }

  @Test("what a signal says cannot steer the terminal, and wide characters count twice")
  func hostile() {
    let frame = LiveFrame(size: (60, 24), hasColour: false, now: 0)
    let row = frame.row(LiveFrameTests.signal(2, "\u{1B}[2J日本語日本語日本語日本語日本語"))
    #expect(row == "19:51:35  high      whale_ord…  +4 2 \\u{1b}[2J日本語日本語…", "\(row)")
    #expect(TerminalWidth.of(row) <= 60)
  }
}

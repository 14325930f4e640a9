import Feeds
import RuleEngine
import Testing
import Wire

@testable import Pipeline

@Suite struct LiveStatusTests {
  private func status() throws -> LiveStatus {
    var status = LiveStatus()
    status.journal = "betterbot.db"
    status.durability = "full"
    status.version = "0123456789abcdef"
    status.startedAt = 1_767_556_295_000
    status.orders = 12_345
    status.signals = 45
    status.rate = 87.25
    status.lastSequence = 99_999
    status.clock = 1_767_556_355_000
    status.lag = 1250
    status.latency = (180.4, 1234.5)
    status.queued = 3
    status.queueLimit = 1024
    status.queuedBytes = 12_000
    status.memory = 85_000_000
    var feed = FeedStatus(name: "relay", kind: "dome")
    feed.state = .live
    feed.connectedSince = 1_767_556_296_000
    feed.lastPayload = 1_767_556_354_000
    feed.orders = 12_345
    feed.gaps = 2
    feed.openGaps = 1
    feed.backfilled = 7
    feed.auditFound = 1
    feed.restErrors = 4
    feed.reconnects = 2
    feed.worstRestLag = 4200
    feed.lastError = "the relay said \u{1B}[31mno\n"
    status.feeds = [feed, FeedStatus(name: "rec", kind: "file")]
    let rule = Array("local R = rule { title = 't' }\nfunction R.on_order(o) end\nreturn R".utf8)
    let engine = try Engine(RuleSources(rules: [RuleSources.File(name: "whale", source: rule)]))
    status.rules = engine.totals
    return status
  }

  @Test("the text has every figure that people look for")
  func text() throws {
    let text = try status().text(now: 1_767_556_356_000)
    #expect(
      text.hasPrefix(
        """
        betterbot.db (durability full), rule set 0123456789abcdef, running for 61 s
        12,345 orders (87/s), 45 signals; last number 99999
        newest order 2026-01-04 19:52:35 UTC, 1.2 s old · latency 180 µs, p99 1.2 ms · queue 3 of 1,024 (12 kB) · memory 85 MB

        FEED   KIND  STATE     CONNECTED (UTC)      LAST ORDER  ORDERS  REPEATS      GAPS  FILLED  AUDIT  REST ERRORS  REST LAG
        relay  dome  live      2026-01-04 19:51:36   2.0 s ago  12,345        0  2 (1 open)       7      1            4     4.2 s
        """.replacing("REPEATS      GAPS", with: "REPEATS        GAPS")), "\(text)")
    #expect(
      text.contains(
        "\nRULE   SIGNALS  CALLS  ERRORS  µs/ORDER  MEMORY\nwhale        0      0       0     0.000  "))
    #expect(text.contains("\n  2 reconnects\n  last error: the relay said \\u{1b}[31mno\\n\n"))
    #expect(
      text.contains("\nrec    file  starting  -                             -       0        0           0"))
  }

  @Test("where the API listens is said when there is one")
  func api() throws {
    var status = try status()
    #expect(!(status.text(now: 0).contains("API")) && status.json.contains(",\"api\":null,"))
    status.api = "http://127.0.0.1:8787"
    #expect(status.text(now: 0).contains("\nthe API listens on http://127.0.0.1:8787\n"))
    #expect(status.json.contains(",\"api\":\"http://127.0.0.1:8787\","))
  }

  @Test("trouble with the disk is the first line")
  func trouble() throws {
    var status = try status()
    status.diskTrouble = "betterbot.db: the disk is full"
    #expect(status.text(now: 0).hasPrefix("NOTHING IS STORED: betterbot.db: the disk is full\n"))
    #expect(status.json.contains("\"disk_trouble\":\"betterbot.db: the disk is full\""))
  }

  @Test("a run that has not begun has a text too, and it is JSON")
  func empty() {
    let status = LiveStatus()
    #expect(status.text(now: 0).contains("no order yet"))
    #expect(status.json.utf8.withContiguousStorageIfAvailable { JSONText.isStrict($0) } == true)
  }

  @Test("the JSON is strict whatever the figures and texts")
  func json() throws {
    var status = try status()
    status.rate = .infinity
    status.latency = (.nan, -.infinity)
    status.lastReload = "\"quoted\" \u{1}"
    let json = status.json
    #expect(json.utf8.withContiguousStorageIfAvailable { JSONText.isStrict($0) } == true, "\(json)")
    #expect(json.hasSuffix("}}\n"))
    for part in [
      "\"started_at\":1767556295000", "\"orders\":12345", "\"orders_per_second\":0.0", "\"last_seq\":99999",
      "\"clock\":1767556355000", "\"lag_ms\":1250", "\"queue\":{\"items\":3,\"limit\":1024,\"bytes\":12000}",
      "\"disk_trouble\":null", "\"name\":\"relay\"", "\"state\":\"live\"", "\"open_gaps\":1",
      "\"connected_since\":null", "\"worst_rest_lag_ms\":4200", "\"last_error\":null",
      "\"rules\":{\"whale\":{\"calls\":0,",
    ] { #expect(json.contains(part), "\(part)") }
  }
}

import Documents
import Testing

@testable import Simulator

@Suite struct RESTTests {
  private static func pages(_ test: TestVenue, _ target: String, _ cursor: String, between: Int = 0)
    -> [SeenOrder]
  {
    var orders: [SeenOrder] = []
    var next: String? = ""
    for _ in 0..<1000 {
      guard let text = next else { break }
      let response = test.get(target + (text.isEmpty ? "" : "&\(cursor)=\(text)"))
      #expect(response.status == 200)
      orders += scan(response.body).orders
      let pagination = JSONValue(response.body)?["pagination"]
      next = (pagination?["pagination_key"] ?? pagination?["next_cursor"])?.text
      #expect((pagination?["has_more"] == .bool(true)) == (next != nil))
      test.run(milliseconds: between)
    }
    return orders
  }

  @Test(
    "pages hold every order exactly once, as of the first page, however the flow goes on",
    arguments: [1, 7, 100])
  func paging(limit: Int) {
    let test = TestVenue(800) { $0.restLag = .milliseconds(100) }
    _ = test.connect()
    test.run(milliseconds: 301)
    let before = test.happened
    let early = test.get("/polymarket/orders?start_time=1&limit=1000")
    let known = scan(early.body).orders
    #expect(known.count > 150 && known.count < before.count)
    let rows = RESTTests.pages(
      test, "/polymarket/orders?start_time=1&limit=\(limit)", "pagination_key", between: 1)
    #expect(rows == known)
    #expect(test.happened.count > before.count)
    test.run(milliseconds: 1000)
    let all = RESTTests.pages(test, "/polymarket/orders?start_time=1&limit=\(limit)", "pagination_key")
    #expect(all.count == 800)
    #expect(Set(all) == Set(test.happened))
    let trades = RESTTests.pages(test, "/v2/trades?taker_only=false&limit=\(limit)", "cursor")
    #expect(trades.map(\.common) == all.map(\.common))
  }

  @Test("rows are newest first by block and log index, which no two share")
  func places() {
    let test = TestVenue(500) { $0.twinRate = 0.05 }
    _ = test.connect()
    test.run(milliseconds: 700)
    let rows = scan(test.get("/polymarket/orders?start_time=1&limit=1000").body).orders
    let places = rows.map { [$0.block, $0.logIndex] }
    #expect(rows.count > 500)
    #expect(Set(places).count == rows.count)
    #expect(zip(places, places.dropFirst()).allSatisfy { ($0[0], $0[1]) > ($1[0], $1[1]) })
    #expect(
      Set(rows.map { [$0.block, $0.time] }).count == Set(rows.map(\.block)).count, "a block is a second")
    let twins = Dictionary(grouping: rows) { $0.texts + ["\($0.shares)"] }.values.filter { $0.count > 1 }
    #expect(twins.count > 5)
    #expect(twins.allSatisfy { Set($0.map(\.logIndex)).count == $0.count })
  }

  @Test("an order shows after the lag at the latest, and some before")
  func lag() {
    let test = TestVenue(300) { $0.restLag = .seconds(1) }
    _ = test.connect()
    test.run(milliseconds: 310)
    #expect(test.happened.count == 300)
    let some = scan(test.get("/polymarket/orders?start_time=1&limit=1000").body).orders.count
    #expect((1..<200).contains(some))
    test.run(milliseconds: 1001)
    #expect(scan(test.get("/polymarket/orders?start_time=1&limit=1000").body).orders.count == 300)
  }

  @Test("filters and times choose rows, both ends of a time included")
  func filters() throws {
    let test = TestVenue(600)
    _ = test.connect()
    test.run(milliseconds: 800)
    let all = test.happened
    let sample = all[300]
    func expect(_ query: String, _ matches: (SeenOrder) -> Bool) {
      let rows = scan(test.get("/polymarket/orders?limit=1000&\(query)").body).orders
      #expect(rows.sorted() == all.filter(matches).sorted(), "\(query)")
      #expect(rows.contains(sample), "\(query)")
    }
    expect("user=\(sample.texts[0].uppercased())") { $0.texts[0] == sample.texts[0] }
    expect("token_id=\(sample.texts[1])") { $0.texts[1] == sample.texts[1] }
    expect("market_slug=\(sample.texts[3])") { $0.texts[3] == sample.texts[3] }
    expect("condition_id=\(sample.texts[4])") { $0.texts[4] == sample.texts[4] }
    let second = sample.time / 1000
    expect("start_time=\(second)&end_time=\(second)") { $0.time == sample.time }
    expect("start_time=\(second - 1)&end_time=\(second + 1)") { abs($0.time - sample.time) <= 1000 }
    let user = sample.texts[0]
    expect("user=\(user)&start_time=\(second)&end_time=\(second)") {
      $0.texts[0] == user && $0.time == sample.time
    }
    #expect(scan(test.get("/polymarket/orders?user=0xnobody").body).orders.isEmpty)
    #expect(
      JSONValue(test.get("/polymarket/orders?start_time=1").body)?["pagination"]?["total"] == .number("600"))
  }

  @Test("trades are those of takers unless all are asked for")
  func takers() {
    let test = TestVenue(600)
    _ = test.connect()
    test.run(milliseconds: 800)
    let takers = scan(test.get("/v2/trades?limit=1000").body).orders
    #expect(takers.map(\.common).sorted() == test.happened.filter { $0.role == 1 }.map(\.common).sorted())
    let user = test.happened[0].texts[0]
    let own = scan(test.get("/v2/trades?limit=1000&taker_only=false&start=1&user=\(user)").body).orders
    #expect(own.map(\.common).sorted() == test.happened.filter { $0.texts[0] == user }.map(\.common).sorted())
    #expect(takers.allSatisfy { $0.orderHash == "" && $0.logIndex == -1 })
    let first = test.get("/v2/trades?limit=1000")
    #expect(JSONValue(first.body)?["pagination"]?["next_cursor"] == .null)
  }

  @Test(
    "bad requests are told so",
    arguments: [
      ("/polymarket/orders", 400), ("/polymarket/orders?limit=10", 400),
      ("/polymarket/orders?user=x&limit=0", 400),
      ("/polymarket/orders?user=x&limit=1001", 400), ("/polymarket/orders?token_id=1&market_slug=x", 400),
      ("/polymarket/orders?user=x&pagination_key=zz", 400), ("/polymarket/orders?start_time=x", 400),
      ("/polymarket/orders?start_time=5&end_time=4", 400), ("/v2/trades?cursor=c15", 400),
      ("/v2/trades?start=1", 400), ("/v2/trades?limit=x", 400), ("/nothing", 404), ("/v2/trades", 200),
      ("/v1/polymarket/orders?user=x", 200), ("/simulator/status", 200),
    ])
  func statuses(_ target: String, _ status: Int) {
    let test = TestVenue()
    #expect(test.get(target).status == status)
  }

  @Test("Dome's rows need the key as a bearer token, the public ones do not")
  func key() {
    let test = TestVenue { $0.key = "secret" }
    #expect(test.get("/polymarket/orders?user=x").status == 401)
    #expect(test.get("/polymarket/orders?user=x", key: "wrong").status == 401)
    #expect(test.get("/polymarket/orders?user=x", key: "secret").status == 200)
    #expect(test.get("/v2/trades").status == 200)
  }

  @Test("more requests than the limit are sent away until the oldest is past")
  func limit() {
    let test = TestVenue { $0.restLimit = SimulatorOptions.RequestLimit(requests: 3, seconds: 10) }
    let statuses = (0..<5).map { _ in test.get("/v2/trades").status }
    #expect(statuses == [200, 200, 200, 429, 429])
    #expect(test.get("/v2/trades").retryAfter == 10)
    test.now.elapsed += 10_000_000_000
    #expect(test.get("/v2/trades").status == 200)
  }

  @Test("cursors of all kinds survive their text")
  func cursors() {
    let place = VenueLog.Place(second: -5, index: 3)
    let cursor = PageCursor(asOf: 1 << 40, end: 77, place: place, total: 1000, offset: 9)
    #expect(PageCursor(cursor.text) == cursor)
    for text in ["", "c", "c1", "x00", cursor.text + "1", String(cursor.text.dropLast(2)) + "3b"] {
      #expect(PageCursor(text) == nil, "\(text)")
    }
  }

  @Test("the oldest orders go when the log is full, and pages go on with the rest")
  func full() {
    let test = TestVenue(1000) { $0.keptOrders = 100 }
    _ = test.connect()
    test.run(milliseconds: 1200)
    let rows = RESTTests.pages(test, "/polymarket/orders?start_time=1&limit=30", "pagination_key")
    #expect((100...126).contains(rows.count))
    #expect(rows.sorted() == test.happened.sorted())
    #expect(test.venue.status.sent == 1000)
  }

  @Test("a flow that loops has fresh transactions and later times")
  func loop() {
    let test = TestVenue(100) { $0.loops = true }
    let client = test.connect()
    test.run(milliseconds: 250)
    let orders = test.orders(client)
    #expect(orders.count == 250)
    #expect(Set(orders).count == 250)
    #expect(orders[100].time - orders[0].time == 5000)
    #expect(orders[100].txHash != orders[0].txHash)
    #expect(!test.venue.isOver)
  }

  @Test("with the time of the wall, orders carry the second at which they are sent")
  func wall() {
    let test = TestVenue(2000) { $0.usesWallTime = true }
    let client = test.connect()
    test.run(milliseconds: 1500)
    #expect(Set(test.orders(client).map(\.time)) == [1_800_000_000_000, 1_800_000_001_000])
  }
}

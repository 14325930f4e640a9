import Documents
import Testing

@testable import Simulator

@Suite struct SubscriptionTests {
  private static func filter(_ kind: String, _ values: [String], _ action: String = #""action":"subscribe""#)
    -> String
  {
    "{\(action),\"platform\":\"polymarket\",\"version\":1,\"type\":\"orders\",\"filters\":{\"\(kind)\":\(values)}}"
  }

  @Test("a subscription is acknowledged, and its events carry its name")
  func ack() throws {
    let test = TestVenue()
    let client = test.connect()
    let first = try #require(test.frames[client]?.first?.json)
    let id = try #require(first["subscription_id"]?.text)
    #expect(first["type"]?.text == "ack")
    #expect(id.hasPrefix("sub_"))
    test.run(milliseconds: 200)
    let events = (test.frames[client] ?? []).dropFirst()
    #expect(events.count == 100)
    #expect(
      events.allSatisfy { $0.json?["subscription_id"]?.text == id && $0.json?["type"]?.text == "event" })
  }

  @Test("the flow waits for the first subscription, or does not when told so")
  func begin() {
    let waiting = TestVenue()
    waiting.run(milliseconds: 50)
    #expect(waiting.happened.isEmpty)
    let starting = TestVenue { $0.startsAtOnce = true }
    starting.run(milliseconds: 50)
    #expect(starting.happened.count == 49)
  }

  @Test(
    "each filter lets through exactly what it names", arguments: ["users", "condition_ids", "market_slugs"])
  func filters(kind: String) {
    let test = TestVenue(500)
    let all = test.connect()
    let field = ["users": 0, "condition_ids": 4, "market_slugs": 3][kind] ?? 0
    let sample = FlowGenerator.flow(count: 500, seed: 1, rate: 20)
    let outcome = sample.outcome(of: sample.orders[0])
    let number = [sample.orders[0].user, outcome.conditionID, outcome.slug][
      ["users", "condition_ids", "market_slugs"].firstIndex(of: kind) ?? 0]
    let value = String(decoding: sample.texts[number], as: UTF8.self)
    let shown = kind == "market_slugs" ? value : "0x" + value.dropFirst(2).uppercased()
    let some = test.connect(SubscriptionTests.filter(kind, [shown, "0xunknown"]))
    test.run(milliseconds: 700)
    let wanted = test.orders(all).filter { $0.texts[field] == value }
    #expect(wanted.count > 0 && wanted.count < 500)
    #expect(test.orders(some) == wanted)
  }

  @Test("an order that matches two subscriptions of a connection is sent for each")
  func twice() {
    let test = TestVenue()
    let client = test.connect()
    test.send(client, TestVenue.everything)
    test.run(milliseconds: 200)
    let ids = (test.frames[client] ?? []).filter { $0.json?["type"]?.text == "event" }
      .compactMap { $0.json?["subscription_id"]?.text }
    #expect(ids.count == 200)
    #expect(Set(ids).count == 2)
  }

  @Test("an update keeps the name and changes the filter; an unsubscription ends it")
  func update() throws {
    let test = TestVenue()
    let client = test.connect()
    let id = try #require(test.frames[client]?.first?.json?["subscription_id"]?.text)
    test.run(milliseconds: 20)
    let before = test.orders(client).count
    #expect(before > 0)
    test.send(
      client,
      SubscriptionTests.filter("users", ["0xnobody"], "\"action\":\"update\",\"subscription_id\":\"\(id)\""))
    test.run(milliseconds: 20)
    #expect(test.orders(client).count == before)
    test.send(
      client, SubscriptionTests.filter("users", ["*"], "\"action\":\"update\",\"subscription_id\":\"\(id)\""))
    test.run(milliseconds: 20)
    let after = test.orders(client).count
    #expect(after > before)
    test.send(client, "{\"action\":\"unsubscribe\",\"version\":1,\"subscription_id\":\"\(id)\"}")
    test.run(milliseconds: 20)
    #expect(test.orders(client).count == after)
    #expect(test.texts(client).filter { $0.contains("\"error\"") } == [])
    #expect(test.venue.status.subscriptions == 0)
  }

  @Test(
    "what cannot be understood is answered with an error that says why",
    arguments: [
      ("nonsense", "not JSON"), ("{}", "action"), (#"{"action":"dance"}"#, "action"),
      (#"{"action":"subscribe","filters":{}}"#, "exactly one"),
      (#"{"action":"subscribe","filters":{"users":["a"],"market_slugs":["b"]}}"#, "exactly one"),
      (#"{"action":"subscribe","filters":{"users":[]}}"#, "one string or more"),
      (#"{"action":"subscribe","filters":{"users":[1]}}"#, "one string or more"),
      (#"{"action":"subscribe","platform":"kalshi","filters":{"users":["*"]}}"#, "platform"),
      (#"{"action":"subscribe","type":"books","filters":{"users":["*"]}}"#, "type"),
      (#"{"action":"update","subscription_id":"sub_x","filters":{"users":["*"]}}"#, "no subscription sub_x"),
      (#"{"action":"unsubscribe"}"#, "subscription_id is missing"),
      (#"{"action":"subscribe","filters":{"users":["0x1","0x2","0x3"]}}"#, "2 wallets at most"),
    ])
  func errors(_ message: String, _ reason: String) throws {
    let test = TestVenue { $0.maximumWallets = 2 }
    let client = test.connect(message)
    let answer = try #require(test.frames[client]?.first?.json)
    #expect(answer["type"]?.text == "error")
    #expect(answer["message"]?.text?.contains(reason) == true, "\(answer)")
    #expect(test.venue.status.subscriptions == 0)
  }

  @Test("a connection has so many subscriptions and no more")
  func limit() {
    let test = TestVenue { $0.maximumSubscriptions = 2 }
    let client = test.connect()
    test.send(client, TestVenue.everything)
    test.send(client, TestVenue.everything)
    #expect(test.venue.status.subscriptions == 2)
    #expect(test.texts(client).filter { $0.contains("2 subscriptions at most") }.count == 1)
  }

  @Test("a flow without a speed waits for a reader, but not for ever")
  func stalled() {
    let test = TestVenue(20_000) { $0.speed = .maximum }
    let client = test.venue.connect()
    test.venue.receive(client, TestVenue.everything.utf8)
    // What is taken is never reported as written.
    func step() -> Subscriber.Ending? {
      test.now.elapsed += 100 * Moment.millisecond
      _ = test.venue.advance(test.now)
      return test.venue.takeOutput(test.now).last?.ending
    }
    for _ in 0..<99 { #expect(step() == nil) }
    let sent = test.venue.status.sent
    #expect(sent < 3000)
    var ending: Subscriber.Ending?
    for _ in 0..<10 where ending == nil { ending = step() }
    #expect(ending == .handshake)
    _ = step()
    #expect(test.venue.status.sent > sent)
  }

  @Test("RTDS answers PING, sends no acknowledgement, and takes the filter of an event")
  func rtds() {
    let test = TestVenue(300)
    let all = test.connect(TestVenue.topics)
    #expect(test.frames[all] == nil)
    test.send(all, "PING")
    #expect(test.frames[all]?.first?.text == "PONG")
    let slug = "will-nobody"
    let none = test.connect(
      #"{"action":"subscribe","subscriptions":[{"topic":"activity","type":"trades","filters":"{\"event_slug\":\"\#(slug)\"}"}]}"#
    )
    test.send(all, TestVenue.topics)
    test.run(milliseconds: 500)
    #expect(test.orders(all).count == 300)
    #expect(test.orders(none).isEmpty)
  }

  @Test(
    "JSON is told from what is none",
    arguments: [
      ("{\"a\":[1,-2.5e3,true,false,null,\"\\u00e9\\ud83d\\ude00\\n\"]}", true), ("[]", true), (" {} ", true),
      ("", false), ("{", false), ("[1,]", false), ("{\"a\" 1}", false), ("\"\\x\"", false), ("nul", false),
      ("1 2", false), ("\"\\ud83d\"", false), ("\"a\nb\"", false),
      (String(repeating: "[", count: 100_000), false),
    ])
  func json(_ text: String, _ isJSON: Bool) {
    #expect((JSONValue(text.utf8) != nil) == isJSON)
  }
}

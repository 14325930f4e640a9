import NIOCore
import Testing
import Wire

@testable import Feeds
@testable import Net

/// What goes over the wire to the venues, and what their answers mean.
@Suite struct DialectTests {
  private static let key = "s3cret-Key+with=signs?and#more%41"

  private static func dome(_ change: (inout DomeSettings) -> Void = { _ in }) -> DomeDialect {
    var settings = DomeSettings(url: "ws://relay.example:81/", restURL: nil)
    change(&settings)
    return DomeDialect(settings: settings, watchList: { ["0xb", "0xa"] })
  }

  private static func buffer(_ text: String) -> ByteBuffer { ByteBuffer(string: text) }

  // MARK: Subscribing

  @Test(
    "a Dome subscription has one filter",
    arguments: [
      (DomeSettings.Filter.everything, #""users":["*"]"#),
      (.users(["0xa", "0xb"]), #""users":["0xa","0xb"]"#),
      (.watchList, #""users":["0xa","0xb"]"#), (.conditions(["0xc"]), #""condition_ids":["0xc"]"#),
      (.markets([#"a "slug""#]), #""market_slugs":["a \"slug\""]"#),
    ])
  func filters(filter: DomeSettings.Filter, expected: String) throws {
    let messages = try Self.dome { $0.filter = filter }.subscriptions()
    let head = #"{"action":"subscribe","platform":"polymarket","version":1,"type":"orders","filters":{"#
    #expect(messages == [head + expected + "}}"])
    #expect(Self.dome { $0.filter = filter }.dependsOnWatchList == (filter == .watchList))
  }

  @Test("more names than a subscription holds are split over several, none lost and none twice")
  func split() throws {
    let names = (0..<1_001).map { "0x\($0)" }
    let messages = try Self.dome {
      $0.filter = .users(names)
      $0.subscriptionSize = 500
    }.subscriptions()
    #expect(messages.count == 3)
    let found = messages.flatMap { message in message.matches(of: /0x\d+/).map { String($0.output) } }
    #expect(found == names)
  }

  @Test("more subscriptions than the key holds, or none, are refused in words")
  func limits() {
    for (count, words) in [(1_001, "may hold 2"), (0, "nothing to subscribe to")] {
      let dialect = Self.dome {
        $0.filter = .users((0..<count).map { "0x\($0)" })
        $0.subscriptionSize = 500
        $0.subscriptionLimit = 2
      }
      let failure = #expect(throws: FeedError.self) { try dialect.subscriptions() }
      #expect(failure?.description.contains(words) == true)
    }
  }

  @Test("a subscription is ended under the id that the server gave it, whatever is in it")
  func unsubscribe() throws {
    let message = try #require(Self.dome().unsubscription(#"sub_"x"#))
    #expect(message == #"{"action":"unsubscribe","version":1,"subscription_id":"sub_\"x"}"#)
    #expect(PolymarketDialect(settings: PolymarketSettings()).unsubscription("x") == nil)
  }

  // MARK: The key

  @Test("the key is a part of the stream's path as a whole, and of no description")
  func key() throws {
    let endpoint = try Self.dome { $0.key = Self.key }.endpoint()
    #expect(endpoint.url.target == "/s3cret-Key+with=signs%3Fand%23more%2541")
    #expect(endpoint.display == "ws://relay.example:81/…")
    for said in [Self.key, endpoint.url.target, "s3cret-Key+with"] {
      let line = endpoint.redactor.line("you sent \(said) here".utf8, limit: 200)
      #expect(!line.contains("s3cret") && line.hasPrefix("you sent "))
    }
  }

  @Test("the key goes into a header of REST, and not into its urls")
  func restKey() {
    var settings = DomeSettings(url: "ws://x", restURL: "http://x", key: Self.key)
    settings.filter = .users(["0xa"])
    let rest = DomeRest(base: "http://x", settings: settings, watchList: { [] })
    #expect(rest.headers.map { "\($0.0): \($0.1)" } == ["Authorization: Bearer \(Self.key)"])
    #expect(rest.listings(since: 0).allSatisfy { !$0.url.contains("s3cret") })
    settings.key = nil
    #expect(DomeRest(base: "http://x", settings: settings, watchList: { [] }).headers.isEmpty)
  }

  // MARK: Messages

  @Test(
    "Dome's messages are told apart",
    arguments: [
      (#"{"type":"event","subscription_id":"s","data":{}}"#, MessageKind.payload),
      (#"{ "subscription_id":"s", "type" : "event" }"#, .payload),
      (#"{"type":"ack","subscription_id":"sub_1"}"#, .acknowledgement("sub_1")),
      (#"{"type":"error","message":"too many"}"#, .notice("too many")),
      (#"{"type":"error","error":"too many"}"#, .notice("too many")),
      (#"{"type":"odd"}"#, .notice(#"{"type":"odd"}"#)), (#"{"type":"ack"}"#, .notice(#"{"type":"ack"}"#)),
      ("[]", .unknown), ("", .unknown), ("<html>", .unknown), (#"{"type":1}"#, .unknown), ("{", .unknown),
    ])
  func domeKinds(text: String, kind: MessageKind) {
    #expect(Self.dome().kind(of: Self.buffer(text)) == kind)
  }

  @Test(
    "only a trade counts as one on Polymarket's stream: a lapsed subscription may still say other things",
    arguments: [
      (
        #"{"connection_id":"c","topic":"activity","type":"trades","timestamp":1,"payload":{}}"#,
        MessageKind.payload
      ),
      (#"{"payload":{"title":"long"},"topic":"activity","type":"trades"}"#, .payload),
      (#"{"topic":"comments","type":"reaction_created"}"#, .unknown), (#"{"message":"hello"}"#, .unknown),
      ("PONG", .idle), ("", .idle), ("{}", .unknown), ("PONGO", .unknown), ("trades", .unknown),
    ])
  func polymarketKinds(text: String, kind: MessageKind) {
    #expect(PolymarketDialect(settings: PolymarketSettings()).kind(of: Self.buffer(text)) == kind)
  }

  // MARK: REST

  @Test("Polymarket is read newest first, with both sides, until an order is too old")
  func polymarketListing() {
    let listings = PolymarketRest(base: "https://d").listings(since: 12_345)
    #expect(listings.map(\.url) == ["https://d/v2/trades?limit=1000&taker_only=false"])
    #expect(listings.first?.until == 12_345)
    #expect(listings.first?.page("a+b/c=") == listings[0].url + "&cursor=a%2Bb%2Fc%3D")
    #expect(listings.first?.page(nil) == listings[0].url)
  }

  @Test(
    "each name of a Dome filter has a list of its own, from a second on",
    arguments: [
      (DomeSettings.Filter.everything, [""]), (.users(["0xa", "0xb"]), ["&user=0xa", "&user=0xb"]),
      (.watchList, ["&user=0xa", "&user=0xb"]), (.conditions(["0xc"]), ["&condition_id=0xc"]),
      (.markets(["a b&c=d%"]), ["&market_slug=a%20b%26c%3Dd%25"]),
    ])
  func domeListing(filter: DomeSettings.Filter, ends: [String]) {
    var settings = DomeSettings(url: "ws://x", restURL: nil)
    settings.filter = filter
    let rest = DomeRest(base: "http://x/v1", settings: settings, watchList: { ["0xb", "0xa"] })
    let head = "http://x/v1/polymarket/orders?limit=1000&start_time="
    #expect(rest.listings(since: 1_760_000_000_999).map(\.url) == ends.map { head + "1760000000" + $0 })
    #expect(rest.listings(since: -5_000).allSatisfy { $0.url.hasPrefix(head + "0") })
    #expect(rest.listings(since: 0).allSatisfy { $0.cursorName == "pagination_key" && $0.until == nil })
  }

  @Test("a text in a query keeps its unreserved characters and nothing else")
  func escaped() {
    #expect(RestListing.escaped("aZ09-._~") == "aZ09-._~")
    #expect(RestListing.escaped("a b/é?&=+\n") == "a%20b%2F%C3%A9%3F%26%3D%2B%0A")
  }

  @Test(
    "a page says where it goes on, and what is no page says nothing",
    arguments: [
      (#"{"L":[],"pagination":{"has_more":false}}"#, PageEnd.last),
      (#"{"L":[],"pagination":{"has_more":false,"C":"x"}}"#, .last),
      (#"{"L":[],"pagination":{"has_more":true,"C":"x"}}"#, .next("x")),
      (#"{"L":[],"pagination":{"C":"x"}}"#, .next("x")), (#"{"L":[],"pagination":{"C":null}}"#, .last),
      (#"{"L":[],"pagination":{}}"#, .last), (#"{"L":[]}"#, .last),
      (#"{"L":[],"pagination":{"has_more":true}}"#, nil),
      (#"{"L":[],"pagination":{"has_more":true,"C":""}}"#, nil),
      (#"{"L":{},"pagination":{}}"#, nil), (#"{"error":"x"}"#, nil), ("<html>sign in</html>", nil), ("", nil),
      (#"{"L":[{"#, nil), ("[]", nil),
    ])
  func pageEnd(text: String, end: PageEnd?) {
    func page(_ list: String, _ cursor: String) -> JSONProbe {
      var bytes = text.replacing("\"L\"", with: "\"\(list)\"")
      bytes = bytes.replacing("\"C\"", with: "\"\(cursor)\"")
      return JSONProbe(Array(bytes.utf8))
    }
    var dome = page("orders", "pagination_key")
    let rest = DomeRest(base: "", settings: DomeSettings(url: "", restURL: nil), watchList: { [] })
    #expect(rest.end(of: &dome) == end)
    var polymarket = page("data", "next_cursor")
    #expect(PolymarketRest(base: "").end(of: &polymarket) == end)
  }
}

import Journal
import OrderFlow
import Testing

@testable import Broadcast

@Suite struct WebhookMessageTests {
  private func signal(_ title: String) -> NumberedSignal {
    var signal = Signal(
      id: Digest128(high: 1, low: 2), rule: "whale_order", version: "v1", seq: 7, time: 1_767_556_295_042,
      severity: .high, title: title)
    signal.market = "btc-updown"
    signal.side = "BUY"
    signal.user = "0xabc"
    return NumberedSignal(number: 12, signal: signal)
  }

  private func body(_ title: String, _ format: WebhookFormat, url: String = "https://h/x") -> String {
    String(decoding: WebhookMessage.body(signal(title), format, url: url), as: UTF8.self)
  }

  @Test("json has the signal as it is, its number and its time")
  func json() {
    #expect(
      body("Big \"order\"", .json) == """
        {"type":"signal","timestamp":"2026-01-04T19:51:35.042Z","data":{"n":12,\
        "id":"00000000000000010000000000000002","rule":"whale_order","version":"v1","seq":7,"t":1767556295042,\
        "severity":"high","title":"Big \\"order\\"","key":"","market":"btc-updown","token":null,"side":"BUY",\
        "user":"0xabc","confidence":null,"data":null,"fold_count":0}}
        """)
  }

  @Test("chats get two lines")
  func chats() {
    let facts = "rule whale_order · market btc-updown · side BUY · user 0xabc"
    #expect(
      body("Big order", .discord) == """
        {"content":"HIGH\\\\: Big order\\u000a\(facts.split(separator: "_").joined(separator: #"\\_"#))",\
        "allowed_mentions":{"parse":[]}}
        """)
    #expect(
      body("A & B <!channel>", .slack) == #"{"text":"HIGH: A &amp; B &lt;!channel&gt;\u000a\#(facts)"}"#)
    #expect(
      body("Big order", .telegram, url: "https://api.telegram.org/botX/sendMessage?a=1&chat_id=%2D100%40x")
        == """
        {"chat_id":"-100@x","text":"HIGH: Big order\\u000a\(facts)","link_preview_options":{"is_disabled":true}}
        """)
    #expect(body("x", .telegram).hasPrefix(#"{"text":"#))
  }

  @Test("nobody can be called by a title", arguments: [WebhookFormat.discord, .slack, .telegram])
  func mentions(format: WebhookFormat) {
    let text = body("@everyone @here <@123> <!channel> @user", format)
    #expect(!text.contains("@everyone") && !text.contains("@here") && !text.contains("@user"))
    #expect(!text.contains("<@123>") || format == .telegram)
    #expect(!text.contains("<!channel>") || format == .telegram)
    #expect(text.contains("@\u{200B}everyone"))
  }

  @Test("signs of layout and control characters do nothing")
  func layout() {
    #expect(
      body("[a](http://b) **c** `d` ||e||", .discord).contains(
        #"\\[a\\]\\(http\\://b\\) \\*\\*c\\*\\* \\`d\\` \\|\\|e\\|\\|"#))
    #expect(body("a\nb\u{202E}c\u{0}d", .slack).contains("a b c d"))
  }

  @Test(
    "a text is cut where the chat would refuse it",
    arguments: [(WebhookFormat.discord, 2000), (.slack, 4000), (.telegram, 4096)])
  func limits(format: WebhookFormat, limit: Int) throws {
    for piece in ["x", "*", "&", "@", "𝄞", "\u{1F468}\u{200D}\u{1F469}"] {
      let text = body(String(repeating: piece, count: 5000), format)
      // What is between the quotes after the text's name, its backslashes undone.
      let name = format == .discord ? #""content":""# : #""text":""#
      let start = try #require(text.firstRange(of: name)).upperBound
      let end = try #require(text[start...].firstRange(of: "…\"")).lowerBound
      var count = 1
      var isEscape = false
      for unit in text[start..<end].utf16 {
        isEscape = !isEscape && unit == 0x5C
        if !isEscape { count += 1 }
      }
      #expect(count <= limit && count > limit - 8, "\(format) \(piece)")
    }
  }
}

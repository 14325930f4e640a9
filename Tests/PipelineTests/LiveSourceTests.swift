import COrderFlow
import Feeds
import NIOCore
import OrderFlow
import Testing
import Wire

@testable import Pipeline

/// Messages of a stream, one after another through the scanner of their feed.
@Suite struct LiveSourceTests {
  private static func scan(_ messages: [String]) -> (hashes: [String], rejected: Int) {
    let settings = FeedSettings(name: "x", kind: .dome(DomeSettings(url: "ws://x", restURL: nil)))
    let source = LiveSource(board: FeedBoard(source: 3, settings: settings), name: "x")
    var hashes: [String] = []
    var rejected = 0
    for message in messages {
      let item = FeedMessage(source: 3, bytes: ByteBuffer(string: message), receivedAt: 0)
      source.scan([item][...]) { rows in
        hashes += rows.orders.map { $0.string(.txHash) ?? "" }
        rejected += rows.deadLetters.count
        #expect(rows.source == 3 && rows.orders.allSatisfy { $0.source == 3 })
      }
    }
    return (hashes, rejected)
  }

  private static func event(_ number: Int) -> String {
    #"{"type":"event","subscription_id":"s","data":"# + Line(transaction: "0x\(number)").description + "}"
  }

  @Test("each message brings its orders at once")
  func plain() {
    let result = Self.scan((0..<10).map(Self.event))
    #expect(result.hashes == (0..<10).map { "0x\($0)" } && result.rejected == 0)
  }

  @Test(
    "whatever is in a message, the next one is read: none is taken for a part of the last",
    arguments: [
      "", " ", "\n\n", "x", "{", "[", "[[", "{\"a\":", "{\"type\":\"event\",\"data\":{", "\"", "{\"a\":\"",
      "[{", "]}",
      "null null", "<html>\n<body>502</body>\n</html>", "\u{FEFF}", "\u{0}\u{1}",
      "{\"type\":\"event\",\"data\":}",
      #"{"type":"event","subscription_id":"sub_"#, "[1,2", "[{\"a\":1},", "{}", "[]", "\\", "\"\\",
    ])
  func garbage(text: String) {
    // First of all, so that it also decides how the input begins, and again in the middle.
    let result = Self.scan([text, Self.event(1), Self.event(2), text, Self.event(3), text, Self.event(4)])
    #expect(result.hashes == ["0x1", "0x2", "0x3", "0x4"])
  }

  @Test("a message may hold several orders in an array, or be broken over lines")
  func shapes() {
    let array = "[\(Line(transaction: "0x1")),\(Line(transaction: "0x2"))]"
    let broken = Self.event(3).replacing(",", with: ",\n  ")
    let result = Self.scan([array, broken, array.replacing("0x1\"", with: "0x6\""), Self.event(7)])
    #expect(result.hashes == ["0x1", "0x2", "0x3", "0x6", "0x2", "0x7"])
  }
}

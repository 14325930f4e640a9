import Testing

@testable import Wire

@Suite struct JSONProbeTests {
  private static func value(_ text: String, _ first: String, _ second: String? = nil) -> JSONProbe.Value? {
    var probe = JSONProbe(Array(text.utf8))
    if let second { return probe.value(first, second) }
    return probe.value(first)
  }

  @Test(
    "a path leads from the outermost object inwards",
    arguments: [
      (#"{"a":"x"}"#, JSONProbe.Value.string("x")), (#" { "z" : [1,{"a":2}] , "a" : "x" } "#, .string("x")),
      (#"{"a":-12.5e3}"#, .number("-12.5e3")), (#"{"a":0}"#, .number("0")), (#"{"a":true}"#, .bool(true)),
      (#"{"a":false}"#, .bool(false)), (#"{"a":null}"#, .null), (#"{"a":{}}"#, .object),
      (#"{"a":[]}"#, .array),
      (#"{"a":""}"#, .string("")),
    ])
  func values(text: String, value: JSONProbe.Value) {
    #expect(Self.value(text, "a") == value)
    #expect(Self.value("{\"o\":{\"b\":1},\"p\":\(text)}", "p", "a") == value)
  }

  @Test("the text itself stands at the empty path")
  func root() {
    var probe = JSONProbe(Array(" [1] ".utf8))
    #expect(probe.value() == .array)
  }

  @Test(
    "escapes are undone, in keys as in values",
    arguments: [
      (#"{"a":"\"\\\/\b\f\n\r\t"}"#, "\"\\/\u{8}\u{c}\n\r\t"), (#"{"a":"\u00e9\u20AC\ud83d\ude00"}"#, "é€😀"),
      (#"{"\u0061":"x"}"#, "x"), (#"{"a":"é😀"}"#, "é😀"), (#"{"\"":1,"a":"x"}"#, "x"),
    ])
  func escapes(text: String, expected: String) {
    #expect(Self.value(text, "a") == .string(expected))
  }

  @Test("half a surrogate does not become a text that it is not, and does not trap")
  func surrogate() {
    for text in [#"{"a":"\ud83d"}"#, #"{"a":"\ude00\ud83d"}"#] {
      if case .string(let found)? = Self.value(text, "a") { #expect(!found.contains("😀")) }
    }
  }

  @Test("of a key that stands twice the first counts")
  func twice() {
    #expect(Self.value(#"{"a":1,"a":2}"#, "a") == .number("1"))
    #expect(Self.value(#"{"a":1,"a":{"b":2}}"#, "a", "b") == nil)
  }

  @Test(
    "there is nothing where the path leads nowhere",
    arguments: [
      #"{}"#, #"{"b":1}"#, #"{"A":1}"#, #"{"aa":1}"#, #"{"b":{"a":1}}"#, #"[{"a":1}]"#, #""a""#, "1", "null",
      "",
      " ", "a", "<html>", "{", "}", "{{", "\u{0}", #"{"a"}"#, #"{"a":}"#, #"{a:1}"#, #"{'a':1}"#,
      #"{"b":1 "a":1}"#,
      #"{"b":1,,"a":1}"#, #"{"b":tru,"a":1}"#, #"{"b":01,"a":1}"#, #"{"a":nul}"#, #"{"a":-}"#, #"{"a":"x"#,
      #"{"a":[1,}"#,
    ])
  func nothing(text: String) {
    #expect(Self.value(text, "a") == nil)
  }

  @Test("a value of another kind is no text, and neither is an empty one")
  func texts() {
    for text in [#"{"a":1}"#, #"{"a":null}"#, #"{"a":""}"#, #"{"a":["x"]}"#, #"{"a":{"b":"x"}}"#] {
      var probe = JSONProbe(Array(text.utf8))
      #expect(probe.text("a") == nil)
    }
    var probe = JSONProbe(Array(#"{"a":{"b":"x"}}"#.utf8))
    #expect(probe.text("a", "b") == "x")
    #expect(probe.text("a", "c") == nil)
  }

  @Test("a text that is cut anywhere gives the value or nothing, never another value")
  func cut() {
    let whole = #"{"b":[1,{"c":"}"}],"a":"x\n\u0041y","d":-1.5}"#
    let bytes = Array(whole.utf8)
    for count in 0..<bytes.count {
      var probe = JSONProbe(bytes.prefix(count))
      let found = probe.value("a")
      #expect(found == nil || found == .string("x\nAy"))
      #expect(probe.value("d") == nil || count >= bytes.count - 4)
    }
  }

  @Test("what follows the object does not matter: a page is judged by what it holds")
  func trailing() {
    for tail in ["", "\n", " garbage", "}", "\u{0}", #"{"a":2}"#] {
      #expect(Self.value(#"{"a":1}"# + tail, "a") == .number("1"))
    }
  }

  @Test("deep nesting is read up to the limit of the scanner, and is nothing beyond it")
  func deep() {
    for (depth, isRead) in [(10, true), (500, true), (600, false), (200_000, false)] {
      let open = String(repeating: "[", count: depth)
      let close = String(repeating: "]", count: depth)
      #expect(Self.value("{\"b\":\(open)\(close),\"a\":1}", "a") == (isRead ? .number("1") : nil))
      #expect(Self.value("{\"a\":\(open)\(close)}", "a") == (isRead ? .array : nil))
    }
  }

  @Test("huge texts are read past, and found when they are asked for")
  func huge() {
    let long = String(repeating: "x", count: 3_000_000)
    #expect(Self.value("{\"b\":\"\(long)\",\"\(long)\":2,\"a\":1}", "a") == .number("1"))
    #expect(Self.value("{\"a\":\"\(long)\"}", "a") == .string(long))
    let escaped = String(repeating: #"\n"#, count: 1_000_000)
    #expect(Self.value("{\"b\":\"\(escaped)\",\"\(escaped)\":2,\"a\":1}", "a") == .number("1"))
  }

  @Test("many look-ups do not use the text up")
  func again() {
    var probe = JSONProbe(Array(#"{"\u0062":"\u0063","a":"\u0078"}"#.utf8))
    for _ in 0..<10_000 { #expect(probe.text("a") == "x") }
  }

  @Test("bytes that are no UTF-8 do not stand in the way of the others")
  func invalid() {
    let bytes = Array(#"{"b":""#.utf8) + [0xFF, 0xC3, 0x28, 0xED, 0xA0] + Array(#"","a":1}"#.utf8)
    var probe = JSONProbe(bytes)
    let found = probe.value("a")
    #expect(found == .number("1") || found == nil)
  }
}

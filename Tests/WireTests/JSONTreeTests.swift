import Testing
import Wire

@Suite("JSON as a tree")
struct JSONTreeTests {
  private func tree(_ text: String) -> JSONTree? { JSONTree(Array(text.utf8)) }

  @Test("members keep their order, numbers their spelling, and escapes mean what they mean")
  func reading() throws {
    let value = try #require(
      tree(#" {"b": [1.50, -2e3, true, null], "a\u0041": "x\ud83d\ude00\n\/", "b": {}} "#))
    #expect(value.members.map(\.name) == ["b", "aA", "b"])
    #expect(value["b"]?.items == [.number("1.50"), .number("-2e3"), .bool(true), .null])
    #expect(value["aA"]?.text == "x😀\n/")
    #expect(value.members[2].value == .object([]))
    #expect(tree("7")?.integer == 7)
    #expect(tree("7.0")?.integer == nil)
  }

  @Test(
    "what is no JSON is no tree",
    arguments: [
      "", "{", "[1,]", "{\"a\":1,}", "// x\n{}", "{} {}", "{'a':1}", "nul", "01", "\"\\ud83d\"", "[1 2]",
      "{\"a\":1}\0", "\u{FEFF}{}",
    ])
  func refused(_ text: String) { #expect(tree(text) == nil) }

  @Test("it goes as deep as messages may, and no deeper")
  func depth() {
    func nested(_ levels: Int) -> String {
      String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    #expect(tree(nested(512)) != nil)
    #expect(tree(nested(513)) == nil)
  }

  @Test("what is written reads as the same tree, in one line and in many")
  func writing() throws {
    let value = try #require(tree(#"{"a":[],"b":{"c":["x\"y",1.50]},"d":{},"e":null,"f":false}"#))
    #expect(tree(value.pretty) == value)
    #expect(tree(value.line) == value)
    #expect(!value.line.contains("\n"))
    #expect(
      value.pretty == """
        {
          "a": [],
          "b": {
            "c": [
              "x\\"y",
              1.50
            ]
          },
          "d": {},
          "e": null,
          "f": false
        }

        """)
  }
}

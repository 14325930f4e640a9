import Testing

@testable import Pipeline

@Suite struct TerminalWidthTests {
  @Test(
    "columns of a text",
    arguments: [
      ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("😀", 2), ("a·b…", 4), ("\u{200D}", 0),
      ("ｱ", 1), ("Ａ", 2),
    ])
  func width(_ text: String, _ columns: Int) { #expect(TerminalWidth.of(text) == columns) }

  @Test(
    "a text that is cut ends in … and never takes more than its columns",
    arguments: [("abcdef", "abc…"), ("abcd", "abcd"), ("日本語", "日…"), ("a日本語", "a日…"), ("ab日", "ab日")])
  func fit(_ text: String, _ expected: String) {
    #expect(TerminalWidth.fit(text, 4) == expected)
    for limit in -1..<9 { #expect(TerminalWidth.of(TerminalWidth.fit(text, limit)) <= max(0, limit)) }
    #expect(TerminalWidth.of(TerminalWidth.pad(text, 9)) == 9)
  }
}

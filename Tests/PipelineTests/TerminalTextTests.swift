import Testing

@testable import Pipeline

@Suite struct TerminalTextTests {
  @Test(
    "what could steer a terminal or break a line is written as an escape",
    arguments: [
      ("\u{1B}[31mred\u{1B}[0m", #"\u{1b}[31mred\u{1b}[0m"#), ("two\nlines\r\n", #"two\nlines\r\n"#),
      ("tab\there", #"tab\there"#), ("\u{9B}31m", #"\u{9b}31m"#),
      ("bell\u{7}\u{8}\u{7F}", #"bell\u{7}\u{8}\u{7f}"#),
      ("\u{202E}evil", #"\u{202e}evil"#), ("a\u{2028}b\u{85}c", #"a\u{2028}b\u{85}c"#), ("\u{0}", #"\u{0}"#),
    ])
  func escaped(_ text: String, _ expected: String) {
    #expect(TerminalText.line(text) == expected)
  }

  @Test(
    "text that people write stays as it is",
    arguments: ["", "plain", "Zürich — 50 ¢", "漢字", "👩‍👩‍👧 🐳", "0xfab1…e580"])
  func kept(_ text: String) {
    #expect(TerminalText.line(text) == text)
  }
}

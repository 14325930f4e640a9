/// Text from outside, made safe to show: it stays on its line and cannot steer the terminal.
public enum TerminalText {
  /// The text with everything that is not visible or moves other text written as an escape.
  ///
  /// Titles come from venues and rules, so an escape sequence in one could rewrite what a person sees.
  public static func line(_ text: String) -> String {
    if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isPlain(scalar) {
        result.append(scalar)
      } else {
        result.append(contentsOf: escape(scalar).unicodeScalars)
      }
    }
    return String(result)
  }

  /// Whether a character is visible, or a space, and leaves its neighbours where they are.
  public static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0: false
    // Directional marks, embeddings and isolates; line and paragraph separators.
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
    // A byte order mark inside a text, and tags: they have no width and hide what follows.
    case 0xFEFF, 0xE0000...0xE007F: false
    default: true
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    default: return "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
}

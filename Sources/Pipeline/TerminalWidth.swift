/// How wide text is on a terminal, and text cut to fit.
public enum TerminalWidth {
  /// Columns that a text takes; it must be safe already (`TerminalText`).
  public static func of(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  /// The text, or its beginning and `…`, in at most so many columns.
  public static func fit(_ text: String, _ limit: Int) -> String {
    if limit <= 0 { return "" }
    if of(text) <= limit { return text }
    var result = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      let width = columns(scalar)
      if used + width > limit - 1 { break }
      used += width
      result.append(scalar)
    }
    return String(result) + "…"
  }

  /// The text cut or filled up to exactly so many columns.
  public static func pad(_ text: String, _ columns: Int) -> String {
    let fitting = fit(text, columns)
    return fitting + String(repeating: " ", count: max(0, columns - of(fitting)))
  }

  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // East Asian wide and full-width characters, and emoji.
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
      0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F,
      0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}

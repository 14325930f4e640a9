import Wire

/// Names and labels as Prometheus wants them, whatever they are made of.
enum PrometheusName {
  /// Bytes of a label's value that are kept.
  static let longestValue = 128
  /// Bytes of a name that are kept.
  private static let longestName = 128
  /// Labels of a series that are kept.
  private static let mostLabels = 16

  /// A metric's name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
  static func metric(_ name: String) -> String { legal(name, allowsColon: true) }

  /// A label's name: `[a-zA-Z_][a-zA-Z0-9_]*`; a beginning of two underscores and `le` are Prometheus' own.
  static func label(_ name: String) -> String {
    let legal = legal(name, allowsColon: false)
    if legal.hasPrefix("__") { return "_" + legal.drop { $0 == "_" } }
    return legal == "le" ? "le_" : legal
  }

  private static func legal(_ name: String, allowsColon: Bool) -> String {
    var bytes: [UInt8] = []
    for byte in name.utf8.prefix(longestName) {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
        bytes.append(byte)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if bytes.isEmpty { bytes.append(UInt8(ascii: "_")) }
        bytes.append(byte)
      case UInt8(ascii: ":") where allowsColon: bytes.append(byte)
      default: bytes.append(UInt8(ascii: "_"))
      }
    }
    return bytes.isEmpty ? "_" : String(decoding: bytes, as: UTF8.self)
  }

  /// `a="b",c="d"`; of two labels of one name the first counts.
  static func labels(_ labels: [(String, String)]) -> String {
    var out: [UInt8] = []
    var names: [String] = []
    for (name, value) in labels.prefix(mostLabels) {
      let name = label(name)
      if names.contains(name) { continue }
      names.append(name)
      if !out.isEmpty { out.append(UInt8(ascii: ",")) }
      out.append(contentsOf: name.utf8)
      out.append(contentsOf: "=\"".utf8)
      for byte in cut(value, longestValue).utf8 {
        switch byte {
        case UInt8(ascii: "\\"): out.append(contentsOf: "\\\\".utf8)
        case UInt8(ascii: "\""): out.append(contentsOf: "\\\"".utf8)
        case UInt8(ascii: "\n"): out.append(contentsOf: "\\n".utf8)
        default: out.append(byte)
        }
      }
      out.append(UInt8(ascii: "\""))
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The text up to so many bytes, without half a character at its end.
  static func cut(_ text: String, _ most: Int) -> String { String(text.prefix(bytes: most)) }
}

import OrderFlow
import Pipeline
import Wire

/// Signals as lines for other programs.
enum SignalPrinter {
  /// One line of JSON.
  static func printLine(_ signal: Signal) {
    var line: [UInt8] = []
    SignalLine.append(signal, to: &line)
    Output.standard.write(line)
  }

  /// One line of CSV (RFC 4180); an absent field is empty.
  static func printFields(_ fields: [String?]) {
    let texts = fields.map { field -> String in
      guard let field else { return "" }
      let isPlain = !field.utf8.contains { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }
      if isPlain { return field }
      return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
    }
    Output.standard.write(texts.joined(separator: ",") + "\r\n")
  }
}

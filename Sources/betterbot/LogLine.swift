import Logging
import OrderFlow
import Pipeline
import Wire

/// One event of the log: bounded, on one line, without anything that steers a terminal, and without secrets.
struct LogLine {
  private let time: Int64
  private let level: Logger.Level
  private let message: String
  /// Sorted by key.
  private let fields: [(key: String, value: String)]

  /// Bytes of a message that are kept.
  static let longestMessage = 8192
  /// Bytes of a key or a value that are kept.
  static let longestField = 1024
  /// Fields that are kept.
  static let mostFields = 32

  /// An event at a time, ms since 1970.
  init(time: Int64, level: Logger.Level, message: String, metadata: Logger.Metadata) {
    self.time = time
    self.level = level
    self.message = LogLine.cut(LogSecrets.hidden(message), LogLine.longestMessage)
    fields = metadata.sorted { $0.key < $1.key }.prefix(LogLine.mostFields).map { key, value in
      let text = LogSecrets.hidden(value.description, of: key)
      return (LogLine.cut(key, LogLine.longestField), LogLine.cut(text, LogLine.longestField))
    }
  }

  /// `2026-01-04 19:51:35  error: feed relay: the message key=value`; information does not say that it is such.
  var text: String {
    var line = EventTime.text(time) + "  "
    if level != .info { line += "\(level): " }
    var tail = ""
    for (key, value) in fields {
      if key == "feed" { line += "feed \(value): " } else { tail += " \(key)=\(value)" }
    }
    return TerminalText.line(line + message + tail)
  }

  /// `{"time":"2026-01-04T19:51:35.250Z","level":"error","message":"…","feed":"relay"}`.
  ///
  /// Metadata whose key is one of the first three has an underscore behind it.
  var json: String {
    var out: [UInt8] = []
    out.append(contentsOf: "{\"time\":\"\(LogLine.rfc3339(time))\",\"level\":\"\(level)\",\"message\":".utf8)
    LogLine.quote(message, to: &out)
    var names: Set<String> = ["time", "level", "message"]
    for (key, value) in fields {
      var name = key
      while !names.insert(name).inserted { name += "_" }
      out.append(UInt8(ascii: ","))
      LogLine.quote(name, to: &out)
      out.append(UInt8(ascii: ":"))
      LogLine.quote(value, to: &out)
    }
    out.append(UInt8(ascii: "}"))
    return String(decoding: out, as: UTF8.self)
  }

  /// A JSON string in which everything that is not visible is an escape, not only what JSON asks for.
  private static func quote(_ text: String, to out: inout [UInt8]) {
    guard text.unicodeScalars.contains(where: { !TerminalText.isPlain($0) }) else {
      return JSONText.quote(text, to: &out)
    }
    out.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" {
        out.append(contentsOf: "\\\(scalar)".utf8)
      } else if TerminalText.isPlain(scalar) {
        out.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
      } else {
        for unit in UTF16.encode(scalar).map({ Array($0) }) ?? [] {
          let digits = String(unit, radix: 16)
          out.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
        }
      }
    }
    out.append(UInt8(ascii: "\""))
  }

  /// `2026-01-04T19:51:35.250Z`.
  static func rfc3339(_ milliseconds: Int64) -> String {
    let rest = String((milliseconds % 1000 + 1000) % 1000)
    let second = EventTime.text(milliseconds).map { $0 == " " ? "T" : String($0) }.joined()
    return "\(second).\(String(repeating: "0", count: 3 - rest.count))\(rest)Z"
  }

  /// The text up to so many bytes, without half a character at its end, and `…` where something is missing.
  static func cut(_ text: String, _ most: Int) -> String {
    let kept = text.prefix(bytes: most)
    return kept.endIndex == text.endIndex ? text : kept + "…"
  }
}

internal import Journal
internal import OrderFlow
internal import Wire

/// The body of a delivery in each format.
enum WebhookMessage {
  /// Most UTF-16 units that Discord takes.
  static let discordLimit = 2000
  /// More is cut by Slack.
  static let slackLimit = 4000
  /// Most UTF-16 units that Telegram takes.
  static let telegramLimit = 4096

  /// The bytes to post to `url`.
  static func body(_ signal: NumberedSignal, _ format: WebhookFormat, url: String) -> [UInt8] {
    var json = JSONWriter()
    switch format {
    case .json: event(signal, &json)
    case .discord:
      json.object { json in
        json.member("content", text(signal.signal, discordLimit, escape: escapeForDiscord))
        // Whatever the text says, nobody is called.
        json.key("allowed_mentions")
        json.object { json in
          json.key("parse")
          json.array { _ in }
        }
      }
    case .slack:
      json.object { $0.member("text", text(signal.signal, slackLimit, escape: escapeForSlack)) }
    case .telegram:
      json.object { json in
        if let chat = chat(url) { json.member("chat_id", chat) }
        json.member("text", text(signal.signal, telegramLimit, escape: escapeAt))
        json.key("link_preview_options")
        json.object { $0.member("is_disabled", true) }
      }
    }
    return json.bytes
  }

  private static func event(_ signal: NumberedSignal, _ json: inout JSONWriter) {
    var line: [UInt8] = []
    SignalLine.append(signal.signal, to: &line)
    json.object { json in
      json.member("type", "signal")
      json.member("timestamp", time(signal.signal.time))
      json.key("data")
      // The line is an object, and gets one member more in front.
      json.raw(Array("{\"n\":\(signal.number),".utf8) + line.dropFirst().dropLast())
    }
  }

  /// RFC 3339 with milliseconds.
  static func time(_ milliseconds: Int64) -> String {
    let rest = (milliseconds % 1000 + 1000) % 1000
    let fraction = String(rest + 1000).dropFirst()
    let seconds = EventTime.text(milliseconds).split(separator: " ")
    return seconds.joined(separator: "T") + ".\(fraction)Z"
  }

  // MARK: For people

  /// Severity and title, and below what it is about.
  private static func text(
    _ signal: Signal, _ limit: Int, escape: (Unicode.Scalar) -> String
  ) -> String {
    var facts = ["rule \(signal.rule)"]
    for (name, value) in [("market", signal.market), ("side", signal.side), ("user", signal.user)] {
      if let value { facts.append("\(name) \(value)") }
    }
    let lines = [
      "\(signal.severity.name.uppercased()): \(signal.title)\(signal.marks)", facts.joined(separator: " · "),
    ]
    return join(lines, limit, escape)
  }

  /// The lines, each free of what is no letter, sign or blank, with at most so many UTF-16 units.
  private static func join(_ lines: [String], _ limit: Int, _ escape: (Unicode.Scalar) -> String) -> String {
    var text = ""
    var left = limit - 1
    for (place, line) in lines.enumerated() {
      let pieces = (place > 0 ? ["\n"] : []) + line.unicodeScalars.map { isPrintable($0) ? escape($0) : " " }
      for piece in pieces {
        left -= piece.utf16.count
        if left < 0 { return text + "…" }
        text += piece
      }
    }
    return text
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
    default: true
    }
  }

  /// Keeps `@name` from calling somebody, by a mark without width.
  private static func escapeAt(_ scalar: Unicode.Scalar) -> String {
    scalar == "@" ? "@\u{200B}" : String(scalar)
  }

  private static func escapeForDiscord(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\\", "*", "_", "~", "`", "|", ">", "<", "[", "]", "(", ")", "#", ":": "\\\(scalar)"
    default: escapeAt(scalar)
    }
  }

  private static func escapeForSlack(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    default: escapeAt(scalar)
    }
  }

  /// `chat_id` of the query; nil when it is not there.
  private static func chat(_ url: String) -> String? {
    guard let query = url.firstIndex(of: "?") else { return nil }
    let pairs = url[url.index(after: query)...].prefix { $0 != "#" }.split(separator: "&")
    guard let pair = pairs.first(where: { $0.hasPrefix("chat_id=") }) else { return nil }
    return PercentText.decode(pair.dropFirst("chat_id=".count))
  }
}

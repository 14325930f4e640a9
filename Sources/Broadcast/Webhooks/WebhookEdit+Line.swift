internal import Journal
internal import OrderFlow

extension WebhookEdit {
  /// The edit as a line for the control socket: words with percent-encoded values. It holds secrets.
  public var line: String {
    var words = [WebhookEdit.word]
    func add(_ name: String, _ value: String?) {
      if let value { words.append("\(name)=\(PercentText.encode(value))") }
    }
    switch action {
    case .add(let webhook):
      words.append("add")
      add("name", webhook.name)
      add("url", webhook.url)
      add("format", webhook.format.rawValue)
      add("rule", webhook.filter.rule)
      add("market", webhook.filter.market)
      add("token", webhook.filter.token)
      add("user", webhook.filter.user)
      add("severity", webhook.filter.minimumSeverity.name)
      add("secret", WebhookSecret.text(webhook.secret))
      add("private", webhook.allowsPrivate ? "yes" : "no")
    case .remove(let name):
      words.append("remove")
      add("name", name)
    case .rotate(let name, let secret):
      words.append("rotate")
      add("name", name)
      add("secret", WebhookSecret.text(secret))
    case .pause(let name):
      words.append("pause")
      add("name", name)
    case .resume(let name):
      words.append("resume")
      add("name", name)
    case .resend(let name):
      words.append("resend")
      add("name", name)
    case .resendOne(let id):
      words.append("resend")
      add("id", "\(id)")
    }
    add("now", "\(now)")
    return words.joined(separator: " ")
  }

  /// The edit in such a line; nil when it is none.
  public init?(line: String) {
    let words = line.split(separator: " ")
    guard words.count >= 2, words[0] == WebhookEdit.word else { return nil }
    var values: [String: String] = [:]
    for word in words.dropFirst(2) {
      guard let equals = word.firstIndex(of: "="),
        let value = PercentText.decode(word[word.index(after: equals)...])
      else { return nil }
      values[String(word[..<equals])] = value
    }
    guard let now = values["now"].flatMap({ Int64($0) }),
      let action = WebhookEdit.action(words[1], values, now)
    else { return nil }
    self.init(action, at: now)
  }

  private static func action(_ verb: Substring, _ values: [String: String], _ now: Int64) -> Action? {
    let secret = values["secret"].flatMap { WebhookSecret.parse($0) }
    if verb == "resend", let id = values["id"].flatMap({ Int64($0) }) { return .resendOne(id) }
    guard let name = values["name"] else { return nil }
    switch verb {
    case "remove": return .remove(name)
    case "rotate": return secret.map { .rotate(name, secret: $0) }
    case "pause": return .pause(name)
    case "resume": return .resume(name)
    case "resend": return .resend(name)
    case "add":
      guard let url = values["url"], let secret,
        let format = values["format"].flatMap({ WebhookFormat(rawValue: $0) }),
        let severity = values["severity"].flatMap({ Severity(name: $0) })
      else { return nil }
      var webhook = WebhookRecord(
        name: name, url: url, format: format, secret: secret, createdMilliseconds: now)
      webhook.filter.rule = values["rule"]
      webhook.filter.market = values["market"]
      webhook.filter.token = values["token"]
      webhook.filter.user = values["user"]
      webhook.filter.minimumSeverity = severity
      webhook.allowsPrivate = values["private"] == "yes"
      return .add(webhook)
    default: return nil
    }
  }
}

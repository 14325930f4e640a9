/// One map of a document, read key by key; what is wrong is said with place, key and what is wanted.
public struct PlacedMap {
  /// `feeds.relay`; empty at the top.
  public let path: String
  /// Where the map is.
  public let origin: String
  /// Its keys in their order.
  public let entries: [PlacedValue.Entry]

  /// Takes a map; a key whose value is nothing counts as absent.
  public init(_ value: PlacedValue, path: String) throws(PlacedProblem) {
    self.path = path
    origin = value.origin
    switch value.content {
    case .map(let entries): self.entries = entries
    case .nothing: entries = []
    default:
      throw PlacedProblem(value.origin, "\(path) must be a map of keys, not \(value.words)")
    }
  }

  /// The full name of a key.
  public func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// The value of a key, nil when it is absent or nothing.
  public subscript(_ key: String) -> PlacedValue? {
    guard let value = entries.first(where: { $0.key == key })?.value, value.content != .nothing else {
      return nil
    }
    return value
  }

  /// Throws when there is another key than these.
  public func allow(_ keys: [String]) throws(PlacedProblem) {
    for entry in entries where !keys.contains(entry.key) {
      throw PlacedProblem(
        entry.value.origin, "unknown key \(name(entry.key))\(NearestName.hintOrList(entry.key, of: keys))")
    }
  }

  /// A text that `parse` understands; `wanted` says in words what that is.
  ///
  /// With `isSecret` the message does not repeat the text.
  public func read<Result>(
    _ key: String, _ wanted: String, isSecret: Bool = false, _ parse: (String) -> Result?
  ) throws(PlacedProblem) -> Result? {
    guard let value = self[key] else { return nil }
    if let text = value.text, let result = parse(text) { return result }
    let shown = isSecret && value.text != nil ? "" : ", not \(value.words)"
    throw PlacedProblem(value.origin, "\(name(key)) must be \(wanted)\(shown)")
  }

  /// A text of one line that is not empty.
  public func text(_ key: String, _ wanted: String) throws(PlacedProblem) -> String? {
    try read(key, wanted) { PlacedMap.isLine($0) ? $0 : nil }
  }

  /// A whole number in a range.
  public func number(_ key: String, _ range: ClosedRange<Int>) throws(PlacedProblem) -> Int? {
    try read(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  /// A duration.
  public func duration(_ key: String) throws(PlacedProblem) -> Duration? {
    try read(key, DurationText.wanted) { DurationText.parse($0) }
  }

  /// A duration, or `off`, which is `.some(nil)`.
  public func optionalDuration(_ key: String) throws(PlacedProblem) -> Duration?? {
    try read(key, "\(DurationText.wanted), or off") { text -> Duration?? in
      text == "off" ? .some(.none) : DurationText.parse(text).map { .some($0) }
    }
  }

  /// `true` or `false`, and what else YAML calls so.
  public func flag(_ key: String) throws(PlacedProblem) -> Bool? {
    try read(key, "true or false") { text in
      switch text.lowercased() {
      case "true", "yes", "on": true
      case "false", "no", "off": false
      default: nil
      }
    }
  }

  /// A URL of one of these schemes, without a slash at its end; it may hold a key, so messages never show it.
  public func url(_ key: String, _ schemes: [String]) throws(PlacedProblem) -> String? {
    let wanted = "a URL that begins with " + schemes.map { "\($0)://" }.joined(separator: " or ")
    return try read(key, wanted, isSecret: true) { text in
      guard let scheme = schemes.first(where: { text.hasPrefix("\($0)://") }) else { return nil }
      var text = text
      while text.hasSuffix("/") { text.removeLast() }
      let isPlain = text.utf8.allSatisfy { (0x21..<0x7F).contains($0) }
      return isPlain && text.utf8.count > scheme.utf8.count + 3 ? text : nil
    }
  }

  /// A list of texts, or one text with commas, each as `parse` makes it; not empty.
  public func list(
    _ key: String, _ wanted: String, _ parse: (String) -> String?
  ) throws(PlacedProblem) -> [String]? {
    guard let value = self[key] else { return nil }
    var items: [(text: String?, origin: String)] = []
    switch value.content {
    case .text(let text):
      items = text.split(separator: ",").map { ($0.trimmed, value.origin) }
    case .list(let values): items = values.map { ($0.text, $0.origin) }
    default: throw PlacedProblem(value.origin, "\(name(key)) must be a list of \(wanted), not a map")
    }
    if items.isEmpty { throw PlacedProblem(value.origin, "\(name(key)) is empty: list \(wanted)") }
    var result: [String] = []
    for item in items {
      guard let text = item.text, let good = parse(text) else {
        let shown = item.text.map { " \($0)" } ?? ""
        throw PlacedProblem(item.origin, "\(name(key)): an entry\(shown) is wrong; list \(wanted)")
      }
      if !result.contains(good) { result.append(good) }
    }
    return result
  }

  /// Whether a text is one line and not empty.
  public static func isLine(_ text: String) -> Bool {
    !text.isEmpty && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
  }
}

extension Substring {
  /// Without white space around it.
  public var trimmed: String {
    var text = self
    while text.last?.isWhitespace == true { text.removeLast() }
    while text.first?.isWhitespace == true { text.removeFirst() }
    return String(text)
  }
}

/// A value of the configuration with its place, which errors point to.
struct ConfigurationValue: Sendable, Equatable {
  /// What it is.
  enum Content: Sendable, Equatable {
    case nothing
    case text(String)
    case list([ConfigurationValue])
    case map([Entry])
  }

  /// One key of a map.
  struct Entry: Sendable, Equatable {
    var key: String
    var value: ConfigurationValue
  }

  /// What it is.
  var content: Content
  /// `betterbot.yaml:12`, `BETTERBOT_DB` or `--db`.
  var origin: String

  /// A value of any kind.
  init(_ content: Content, origin: String) {
    self.content = content
    self.origin = origin
  }

  /// A text.
  init(_ text: String, origin: String) { self.init(.text(text), origin: origin) }

  /// The keys of a map in their order; none for anything else.
  var entries: [Entry] {
    if case .map(let entries) = content { return entries }
    return []
  }

  /// The text, nil when it is anything else.
  var text: String? {
    if case .text(let text) = content { return text }
    return nil
  }

  /// The kind in words, for "must be …, not …".
  var words: String {
    switch content {
    case .nothing: "nothing"
    case .text(let text): text
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// The value of a key of a map; nil when there is none, or no map.
  subscript(_ key: String) -> ConfigurationValue? { entries.first { $0.key == key }?.value }

  /// Puts a value at a path of keys; what is in the way and no map is replaced by one.
  mutating func set(_ path: ArraySlice<String>, _ value: ConfigurationValue) {
    guard let key = path.first else {
      self = value
      return
    }
    var entries = entries
    if case .map = content {} else { origin = value.origin }
    let place = entries.firstIndex { $0.key == key }
    var inner = place.map { entries[$0].value } ?? ConfigurationValue(.nothing, origin: value.origin)
    inner.set(path.dropFirst(), value)
    if let place {
      entries[place].value = inner
    } else {
      entries.append(Entry(key: key, value: inner))
    }
    content = .map(entries)
  }

  /// Puts a value at a path of keys.
  mutating func set(_ path: [String], _ value: ConfigurationValue) { set(path[...], value) }
}

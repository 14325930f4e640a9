/// A value of a document that people write, with its place, which errors point to.
public struct PlacedValue: Sendable, Equatable {
  /// What it is.
  public enum Content: Sendable, Equatable {
    case nothing
    case text(String)
    case list([PlacedValue])
    case map([Entry])
  }

  /// One key of a map.
  public struct Entry: Sendable, Equatable {
    /// Its name.
    public var key: String
    /// What it stands for.
    public var value: PlacedValue

    /// Names a value.
    public init(key: String, value: PlacedValue) {
      self.key = key
      self.value = value
    }
  }

  /// What it is.
  public var content: Content
  /// `betterbot.yaml:12`, `BETTERBOT_DB` or `--db`.
  public var origin: String
  /// The line of the document on which a text begins: of a block, the line below its `|`. 0 when there is none.
  public var line: Int

  /// A value of any kind.
  public init(_ content: Content, origin: String, line: Int = 0) {
    self.content = content
    self.origin = origin
    self.line = line
  }

  /// A text.
  public init(_ text: String, origin: String) { self.init(.text(text), origin: origin) }

  /// The keys of a map in their order; none for anything else.
  public var entries: [Entry] {
    if case .map(let entries) = content { return entries }
    return []
  }

  /// The text, nil when it is anything else.
  public var text: String? {
    if case .text(let text) = content { return text }
    return nil
  }

  /// The kind in words, for "must be …, not …".
  public var words: String {
    switch content {
    case .nothing: "nothing"
    case .text(let text): text
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// The value of a key of a map; nil when there is none, or no map.
  public subscript(_ key: String) -> PlacedValue? { entries.first { $0.key == key }?.value }

  /// Puts a value at a path of keys; what is in the way and no map is replaced by one.
  public mutating func set(_ path: ArraySlice<String>, _ value: PlacedValue) {
    guard let key = path.first else {
      self = value
      return
    }
    var entries = entries
    if case .map = content {} else { origin = value.origin }
    let place = entries.firstIndex { $0.key == key }
    var inner = place.map { entries[$0].value } ?? PlacedValue(.nothing, origin: value.origin)
    inner.set(path.dropFirst(), value)
    if let place {
      entries[place].value = inner
    } else {
      entries.append(Entry(key: key, value: inner))
    }
    content = .map(entries)
  }

  /// Puts a value at a path of keys.
  public mutating func set(_ path: [String], _ value: PlacedValue) { set(path[...], value) }
}

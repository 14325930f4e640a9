import Wire

/// A JSON text that somebody else wrote, or that is to be looked into: members by their names.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// As it was written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Parses a whole text, of members of one name the last; nil for what is no `JSONTree`.
  public init?(_ bytes: some Collection<UInt8>) {
    guard let tree = JSONTree(bytes) else { return nil }
    self.init(tree)
  }

  private init(_ tree: JSONTree) {
    switch tree {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .number(let spelling): self = .number(spelling)
    case .string(let text): self = .string(text)
    case .array(let items): self = .array(items.map { JSONValue($0) })
    case .object(let members):
      self = .object(Dictionary(members.map { ($0.name, JSONValue($0.value)) }) { _, last in last })
    }
  }

  /// A member of an object; nil when there is none, or no object.
  public subscript(_ key: String) -> JSONValue? {
    if case .object(let members) = self { members[key] } else { nil }
  }

  /// The text of a string.
  public var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The elements of an array.
  public var elements: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }
}

/// A JSON text that somebody else wrote, or that is to be looked into.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// As it was written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  /// Parses a whole text; nil when it is no JSON, or nested deeper than 64 levels.
  public init?(_ bytes: some Collection<UInt8>) {
    var parser = JSONParser(Array(bytes))
    guard let value = parser.value(depth: 0), parser.isAtEnd else { return nil }
    self = value
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

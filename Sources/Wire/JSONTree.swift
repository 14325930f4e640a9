/// A whole JSON text as a tree: members keep their order, numbers their spelling.
public enum JSONTree: Equatable, Sendable {
  case null
  case bool(Bool)
  /// A number as it is spelled.
  case number(String)
  case string(String)
  case array([JSONTree])
  case object([Member])

  /// A name and what it stands for.
  public struct Member: Equatable, Sendable {
    /// The name; a text may have it twice.
    public var name: String
    /// What stands behind the colon.
    public var value: JSONTree

    /// Names a value.
    public init(_ name: String, _ value: JSONTree) {
      self.name = name
      self.value = value
    }
  }

  /// The members of an object; empty for everything else.
  public var members: [Member] {
    if case .object(let members) = self { return members }
    return []
  }

  /// The items of an array; empty for everything else.
  public var items: [JSONTree] {
    if case .array(let items) = self { return items }
    return []
  }

  /// The text of a string, nil for everything else.
  public var text: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// A number that is a whole one of 64 bits, nil for everything else.
  public var integer: Int? {
    if case .number(let spelling) = self { return Int(spelling) }
    return nil
  }

  /// What the first member of a name stands for; nil when there is none.
  public subscript(_ name: String) -> JSONTree? { members.first { $0.name == name }?.value }
}

/// A name that rules meet: a field of an order, a key of a header, an argument of a function.
public struct APIField: Equatable, Sendable {
  /// How it is written.
  public var name: String
  /// Its type as lua-language-server spells it; with `?` behind it when it may be nil.
  public var type: String
  /// What its numbers count, where that does not go without saying.
  public var unit: String?
  /// What it is, in a few words.
  public var doc: String
  /// The only values that it has, where those are few.
  public var values: [String]

  /// Whether it may be nil, or left out.
  public var isOptional: Bool { type.hasSuffix("?") }
  /// The type of what it is when it is not nil.
  public var plainType: String { isOptional ? String(type.dropLast()) : type }

  /// The type with the few values in place of their kind.
  public var exactType: String {
    if values.isEmpty { return type }
    let list = values.map { "\"\($0)\"" }.joined(separator: "|")
    return isOptional ? "(\(list))?" : list
  }
}

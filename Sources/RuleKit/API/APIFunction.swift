/// A function or a value of the API, or a hook that a rule may define.
public struct APIFunction: Equatable, Sendable {
  /// When it can be called.
  public enum Time: String, Sendable {
    /// While the rule's file loads and in hooks.
    case always
    /// While the file loads.
    case load
    /// In hooks.
    case hook
  }

  /// How it is written, with the table that it is in.
  public var name: String
  /// How it is called, for people.
  public var signature: String
  /// When it can be called; a hook is called by the engine.
  public var time: Time
  /// What it does, in a few words.
  public var doc: String
  /// Names of types that the arguments decide, as lua-language-server spells them.
  public var generic: String?
  /// What it takes; the last one's name may be `...`.
  public var arguments: [APIField]
  /// The types of its results.
  public var returns: [String]
  /// The type of a value; nil for a function.
  public var valueType: String?

  /// The table that it is in, nil for a global.
  public var table: String? { name.firstIndex(of: ".").map { String(name[..<$0]) } }
  /// Its name without the table.
  public var baseName: String { name.split(separator: ".").last.map(String.init) ?? name }
}

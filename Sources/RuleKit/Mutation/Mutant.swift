/// One small change of a rule's text, and what it asks when no test notices it.
public struct Mutant: Equatable, Sendable {
  /// `31:9 boundary`: where it is and what it does; the same text gives the same ids.
  public var id: String
  /// What is changed.
  public var kind: MutantKind
  /// The line of the change, from 1.
  public var line: Int
  /// Its column in bytes, from 1.
  public var column: Int
  /// The bytes that are replaced.
  public var range: Range<Int>
  /// What takes their place.
  public var replacement: String
  /// In words: "`>=` becomes `>`".
  public var change: String
  /// What to ask the author of the rule when it survives.
  public var question: String
  /// The comparison that it changes, by its number in the chunk.
  public var comparison: LuaExpression.ID?
  /// Whether a comment on its line allows it to survive.
  public var isAllowed = false

  /// Whether it moves a bound, so that a flow can sit on it.
  public var hasBound: Bool { [.boundary, .more, .less].contains(kind) }

  /// The rule's text with the change in it.
  public func apply(to source: [UInt8]) -> [UInt8] {
    let range = range.clamped(to: 0..<source.count)
    return Array(source[..<range.lowerBound]) + Array(replacement.utf8) + Array(source[range.upperBound...])
  }

  /// All mutants of a rule by place; throws when the text is no Lua.
  ///
  /// None is in a comment, a title or another text for people, and no two have the same text.
  public static func all(in source: [UInt8]) throws(LuaSyntaxError) -> [Mutant] {
    var finder = MutantFinder(try LuaParser.parse(source, isFile: true))
    finder.find()
    return finder.finish()
  }
}

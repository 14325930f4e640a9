/// A file as the checks look at it: its tree, its hooks, and what its expressions mean.
struct RuleText {
  let chunk: LuaChunk
  let kind: Lint.FileKind
  let values: LocalValues
  let header: RuleHeaderText
  /// The functions of the hooks that the file defines.
  let hooks: [String: LuaFunction.ID]
  /// Where the header ends; 0 without one.
  let headerEnd: Int
  /// Whether every hook could be found: nothing else is assigned to fields of the rule, nor is it passed on.
  let isPlain: Bool
  /// By number of the expression.
  let meanings: [Meaning]

  init(_ chunk: LuaChunk, kind: Lint.FileKind) {
    self.chunk = chunk
    self.kind = kind
    values = LocalValues(chunk)
    var finder = RuleFinder(chunk: chunk, values: values)
    chunk.walk(&finder)
    finder.findEscapes()
    hooks = finder.hooks
    isPlain = finder.isPlain
    headerEnd = finder.header.map { chunk[$0].range.upperBound } ?? 0
    header = RuleHeaderText(finder.header, in: chunk, values: values)
    meanings = Meanings(chunk: chunk, values: values, header: header, hooks: finder.hooks).all
  }

  subscript(expression: LuaExpression.ID) -> Meaning { meanings[expression.index] }

  /// Every expression with its number.
  var expressions: [(id: LuaExpression.ID, expression: LuaExpression)] {
    chunk.expressions.enumerated().map { (LuaExpression.ID(index: $0.offset), $0.element) }
  }

  /// A text that is written out.
  func string(_ expression: LuaExpression.ID) -> String? {
    guard case .string(let bytes) = chunk[expression].kind else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The name of a global that an expression is.
  func global(_ expression: LuaExpression.ID) -> String? {
    guard case .global(let name) = chunk[expression].kind else { return nil }
    return name
  }
}

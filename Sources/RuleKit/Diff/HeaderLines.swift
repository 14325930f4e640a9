/// Finds the lines of a header in which its conditions are written.
struct HeaderLines {
  private let chunk: LuaChunk
  private let values: LocalValues
  private let header: LuaExpression.ID?

  init(_ chunk: LuaChunk) {
    self.chunk = chunk
    values = LocalValues(chunk)
    header = RuleFinder.header(of: chunk, values)
  }

  /// The line of a condition of the rule's own `where`, or of a window's; of what is around it when it is not
  /// written out, and nil when nothing is.
  func line(of subject: String, window: String? = nil) -> Int? {
    guard let header else { return nil }
    var at = header
    var line: Int?
    for name in (window.map { ["windows", $0] } ?? []) + ["where", subject] {
      guard let value = entry(name, of: at) else { return line }
      line = chunk[value].line
      at = table(value)
    }
    return line
  }

  /// The line in which an entry of the header begins.
  func line(ofEntry name: String) -> Int? {
    header.flatMap { entry(name, of: $0) }.map { chunk[$0].line }
  }

  /// A table that an expression is, or that it calls a constructor with.
  private func table(_ expression: LuaExpression.ID) -> LuaExpression.ID {
    let value = values.resolve(expression)
    if case .call(_, let arguments) = chunk[value].kind, let first = arguments.first {
      return values.resolve(first)
    }
    return value
  }

  private func entry(_ name: String, of table: LuaExpression.ID) -> LuaExpression.ID? {
    guard case .table(let items) = chunk[table].kind else { return nil }
    for item in items {
      switch item {
      case .named(let key, let value): if key.text == name { return value }
      case .keyed(let key, let value):
        if case .string(let bytes) = chunk[key].kind, bytes.elementsEqual(name.utf8) { return value }
      case .positional: continue
      }
    }
    return nil
  }
}

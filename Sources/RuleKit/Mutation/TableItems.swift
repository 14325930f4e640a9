/// The items of a table constructor as they stand in the text, so that one can be taken out.
struct TableItems {
  /// The bytes of each item, without separators.
  private(set) var ranges: [Range<Int>] = []
  /// What has to go with an item: it and one separator.
  private(set) var removals: [Range<Int>] = []

  init(_ table: LuaExpression.ID, in chunk: LuaChunk) {
    guard case .table(let items) = chunk[table].kind, !items.isEmpty else { return }
    let separators = TableItems.separators(chunk[table].range, chunk)
    var start = chunk[table].range.lowerBound + 1
    for place in items.indices {
      let end = TableItems.end(of: items[place], chunk)
      let first = TableItems.firstToken(chunk, from: start)
      ranges.append(first..<max(first, end))
      if place < separators.count {
        removals.append(first..<separators[place].upperBound)
        start = separators[place].upperBound
      } else {
        removals.append((separators.last?.lowerBound ?? first)..<max(first, end))
      }
    }
  }

  private static func end(of item: LuaExpression.Item, _ chunk: LuaChunk) -> Int {
    switch item {
    case .positional(let value), .named(_, let value), .keyed(_, let value): chunk[value].range.upperBound
    }
  }

  private static func firstToken(_ chunk: LuaChunk, from start: Int) -> Int {
    var lexer = LuaLexer(chunk.bytes, from: start)
    return (try? lexer.next())?.range.lowerBound ?? start
  }

  /// The commas and semicolons between items, those of tables and calls inside left out.
  private static func separators(_ range: Range<Int>, _ chunk: LuaChunk) -> [Range<Int>] {
    var lexer = LuaLexer(chunk.bytes, from: range.lowerBound)
    var depth = 0
    var found: [Range<Int>] = []
    while let token = try? lexer.next(), token.range.upperBound <= range.upperBound, token.kind != .end {
      guard case .mark(let mark) = token.kind else { continue }
      switch mark {
      case .leftBrace, .leftParenthesis, .leftBracket, .function, .do, .if, .repeat: depth += 1
      case .rightBrace, .rightParenthesis, .rightBracket, .end, .until: depth -= 1
      case .comma, .semicolon: if depth == 1 { found.append(token.range) }
      default: break
      }
    }
    return found
  }
}

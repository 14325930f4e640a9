/// `pairs` goes by key. A loop whose outcome depends on which item comes first should say so itself.
enum KeyOrderCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    var loops = Loops()
    text.chunk.walk(&loops)
    for loop in loops.found {
      guard case .genericFor(let locals, let values, let block) = loop.kind, let call = values.first,
        case .call(let function, _) = text.chunk[call].kind, text.global(function) == "pairs"
      else { continue }
      var body = Body(text: text, locals: Set(locals), range: block.range)
      text.chunk.walk(block, &body)
      guard let (what, range, line) = body.outcome else { continue }
      report.add(
        .keyOrder, at: range, line: line,
        "pairs goes by key, not by when an item came: \(what). Compare the items, or sort them")
    }
  }

  private struct Loops: LuaVisitor {
    var found: [LuaStatement] = []

    mutating func enter(_ statement: LuaStatement) -> Bool {
      if case .genericFor = statement.kind { found.append(statement) }
      return true
    }
  }

  /// Looks into a loop for what the order of its items decides.
  private struct Body: LuaVisitor {
    let text: RuleText
    let locals: Set<LuaLocal.ID>
    let range: Range<Int>
    /// Whether something outside of the loop was given one of its items.
    var keepsItem = false
    var innerLoops = 0
    var outcome: (what: String, range: Range<Int>, line: Int)?

    mutating func enter(_ statement: LuaStatement) -> Bool {
      switch statement.kind {
      case .while, .repeat, .numericFor, .genericFor: innerLoops += 1
      case .function, .localFunction: return false
      case .assignment(let places, let values):
        if !places.allSatisfy(isOfLoop), values.contains(where: mentions) { keepsItem = true }
      case .return(let values):
        if values.contains(where: mentions) { settle("the first key that gets here is returned", statement) }
      case .break:
        if innerLoops == 0, keepsItem { settle("the first key that gets here is taken", statement) }
      default: break
      }
      return true
    }

    mutating func leave(_ statement: LuaStatement) {
      switch statement.kind {
      case .while, .repeat, .numericFor, .genericFor: innerLoops -= 1
      default: break
      }
    }

    mutating func enter(_ expression: LuaExpression.ID) -> Bool {
      if case .function = text.chunk[expression].kind { return false }
      if case .call(let function, _) = text.chunk[expression].kind, text.global(function) == "signal" {
        settle("the signals come in that order", text.chunk[expression].range, text.chunk[expression].line)
      }
      return true
    }

    private mutating func settle(_ what: String, _ statement: LuaStatement) {
      settle(what, statement.range, statement.line)
    }

    private mutating func settle(_ what: String, _ range: Range<Int>, _ line: Int) {
      if outcome == nil { outcome = (what, range, line) }
    }

    /// Whether a place is an item of something, one for each key, or a local of the loop.
    private func isOfLoop(_ place: LuaExpression.ID) -> Bool {
      switch text.chunk[place].kind {
      case .index: true
      case .local(let local): range.contains(text.chunk[local].range)
      default: false
      }
    }

    private func mentions(_ expression: LuaExpression.ID) -> Bool {
      var search = Mentions(chunk: text.chunk, locals: locals)
      text.chunk.walk(expression, &search)
      return search.found
    }
  }

  private struct Mentions: LuaVisitor {
    let chunk: LuaChunk
    let locals: Set<LuaLocal.ID>
    var found = false

    mutating func enter(_ expression: LuaExpression.ID) -> Bool {
      if case .local(let local) = chunk[expression].kind, locals.contains(local) { found = true }
      return !found
    }
  }
}

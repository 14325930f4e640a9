/// Statements that no run gets to.
enum UnreachableCodeCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    var visitor = Visitor(text: text)
    text.chunk.walk(&visitor)
    for statement in visitor.found {
      report.add(
        .unreachableCode, at: statement.range, line: statement.line, "no run gets here: remove it")
    }
  }

  /// Blocks end before what is around them, so that whether one can be left is known when it is asked for.
  private struct Visitor: LuaVisitor {
    let text: RuleText
    var found: [LuaStatement] = []
    /// Where blocks begin that never go on to what follows them.
    private var endless: Set<Int> = []
    /// Of each loop around, whether something leaves it: a `break`, or a `goto` to anywhere.
    private var loops: [Bool] = []
    /// Where loops begin that something leaves.
    private var left: Set<Int> = []

    init(text: RuleText) { self.text = text }

    mutating func enter(_ statement: LuaStatement) -> Bool {
      switch statement.kind {
      case .while, .repeat, .numericFor, .genericFor: loops.append(false)
      case .break: if let last = loops.indices.last { loops[last] = true }
      case .goto: loops = loops.map { _ in true }
      default: break
      }
      return true
    }

    mutating func leave(_ statement: LuaStatement) {
      switch statement.kind {
      case .while, .repeat, .numericFor, .genericFor:
        if loops.popLast() == true { left.insert(statement.range.lowerBound) }
      default: break
      }
    }

    mutating func leave(_ block: LuaBlock) {
      var isOver = false
      var isFound = false
      for statement in block.statements {
        switch statement.kind {
        case .label: (isOver, isFound) = (false, false)
        case .empty: break
        case _ where isOver:
          // The first statement of a stretch stands for all of it.
          if !isFound { found.append(statement) }
          isFound = true
        default:
          noteDeadBranch(statement)
          isOver = ends(statement)
        }
      }
      if isOver { endless.insert(block.range.lowerBound) }
    }

    private func ends(_ statement: LuaStatement) -> Bool {
      switch statement.kind {
      case .return, .break, .goto: return true
      case .call(let call):
        guard case .call(let function, _) = text.chunk[call].kind else { return false }
        return text.global(function) == "error"
      case .do(let block): return isEndless(block)
      case .while(let condition, _):
        return constant(condition) == true && !left.contains(statement.range.lowerBound)
      case .repeat(_, let condition):
        return constant(condition) == false && !left.contains(statement.range.lowerBound)
      case .if(let clauses, let otherwise):
        guard let otherwise, isEndless(otherwise) else { return false }
        return clauses.allSatisfy { isEndless($0.block) }
      default: return false
      }
    }

    private func isEndless(_ block: LuaBlock) -> Bool { endless.contains(block.range.lowerBound) }

    /// `if false then`, `while false do`, and what comes after `if true`.
    private mutating func noteDeadBranch(_ statement: LuaStatement) {
      switch statement.kind {
      case .while(let condition, let block): if constant(condition) == false { note(block) }
      case .if(let clauses, let otherwise):
        var isDecided = false
        for clause in clauses {
          if isDecided || constant(clause.condition) == false { note(clause.block) }
          if constant(clause.condition) == true { isDecided = true }
        }
        if isDecided, let otherwise { note(otherwise) }
      default: break
      }
    }

    private mutating func note(_ block: LuaBlock) {
      if let first = block.statements.first { found.append(first) }
    }

    /// Whether a condition is written out as always true or always false.
    private func constant(_ condition: LuaExpression.ID) -> Bool? {
      switch text.chunk[condition].kind {
      case .true, .integer, .float, .string, .table, .function: true
      case .false, .nil: false
      default: nil
      }
    }
  }
}

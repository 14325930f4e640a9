import OrderFlow
import RuleEngine

/// Walks a rule and collects its mutants: the header by what its keys mean, all else by its syntax.
struct MutantFinder: LuaVisitor {
  /// What a literal stands for, where the expression around it says so.
  enum Use: Equatable {
    /// Of `usd`, `cents`, `shares`, `int`: one unit is what matters of it.
    case amount(String, of: String)
    /// A duration, and what it is: "the span of window buys".
    case duration(of: String)
    /// How often a timer ticks.
    case interval(of: String)
    case severity
    case boolean(of: String)
  }

  let chunk: LuaChunk
  let values: LocalValues
  let header: LuaExpression.ID?
  var amounts: ConstantAmount
  /// What is for people, or was looked at already.
  var skipped: Set<LuaExpression.ID> = []
  var uses: [LuaExpression.ID: Use] = [:]
  private var mutants: [Mutant] = []
  /// Where `return` begins whose loss changes nothing, or breaks the file.
  private var spared: Set<Int> = []

  init(_ chunk: LuaChunk) {
    self.chunk = chunk
    values = LocalValues(chunk)
    header = RuleFinder.header(of: chunk, values)
    amounts = ConstantAmount(chunk: chunk, values: values)
  }

  /// Looks at everything; `finish` has what was found.
  mutating func find() {
    for function in chunk.functions { spareLast(function.body) }
    if let header { findInHeader(header) }
    chunk.walk(&self)
  }

  /// The mutants by place, each text once.
  func finish() -> [Mutant] {
    struct Text: Hashable {
      var range: Range<Int>
      var replacement: String
    }
    var seen: Set<Text> = []
    let allowance = MutantAllowance(chunk)
    let different = mutants.filter { mutant in
      chunk.text(mutant.range) != mutant.replacement
        && seen.insert(Text(range: mutant.range, replacement: mutant.replacement)).inserted
    }
    var ids: [String: Int] = [:]
    return different.enumerated().sorted {
      ($0.element.line, $0.element.column, $0.offset) < ($1.element.line, $1.element.column, $1.offset)
    }.map { _, found in
      var mutant = found
      mutant.isAllowed = allowance.lines.contains(mutant.line)
      ids[mutant.id, default: 0] += 1
      if let number = ids[mutant.id], number > 1 { mutant.id += " \(number)" }
      return mutant
    }
  }

  mutating func add(
    _ kind: MutantKind, _ range: Range<Int>, _ replacement: String, change: String? = nil,
    at place: Int? = nil, comparison: LuaExpression.ID? = nil, _ question: String
  ) {
    let place = place ?? range.lowerBound
    let (line, column) = (chunk.line(of: place), chunk.column(of: place))
    mutants.append(
      Mutant(
        id: "\(line):\(column) \(kind.rawValue)", kind: kind, line: line, column: column, range: range,
        replacement: replacement,
        change: change ?? "`\(chunk.excerpt(range))` becomes `\(replacement)`",
        question: question, comparison: comparison))
  }

  func code(_ expression: LuaExpression.ID) -> String {
    chunk.excerpt(chunk[expression].range)
  }

  // MARK: Statements

  mutating func enter(_ statement: LuaStatement) -> Bool {
    guard isLookedAt(statement) else { return false }
    if case .return = statement.kind, !spared.contains(statement.range.lowerBound) { drop(statement) }
    return true
  }

  private mutating func drop(_ statement: LuaStatement) {
    let what = chunk.excerpt(statement.range)
    add(
      .return, statement.range, "", change: "`\(what)` is dropped",
      "no test would notice if line \(statement.line) did not \(what == "return" ? "return" : "`\(what)`"): "
        + "what would have to come by here?")
  }

  /// Whether a statement is anything but `R.migrate` and `R.state_version`: no test of a flow gets there.
  private func isLookedAt(_ statement: LuaStatement) -> Bool {
    let places: [LuaExpression.ID]
    switch statement.kind {
    case .function(let place, _): places = [place]
    case .assignment(let assigned, _): places = assigned
    default: return true
    }
    return places.allSatisfy { place in
      guard case .field(_, let name) = chunk[place].kind else { return true }
      return name.text != "migrate" && name.text != "state_version"
    }
  }

  /// Spares the `return` at the end of a function, and those behind which nothing is left to do anyway.
  private mutating func spareLast(_ body: LuaBlock) {
    if let last = body.statements.last, case .return = last.kind { spared.insert(last.range.lowerBound) }
    var blocks = [body]
    while let block = blocks.popLast() {
      guard let last = block.statements.last else { continue }
      switch last.kind {
      case .return(let values):
        if values.allSatisfy({ if case .nil = chunk[$0].kind { true } else { false } }) {
          spared.insert(last.range.lowerBound)
        }
      case .do(let inner): blocks.append(inner)
      case .if(let clauses, let otherwise): blocks += clauses.map(\.block) + (otherwise.map { [$0] } ?? [])
      default: continue
      }
    }
  }

  // MARK: Expressions

  mutating func enter(_ expression: LuaExpression.ID) -> Bool {
    if skipped.contains(expression) { return false }
    switch chunk[expression].kind {
    case .binary(let operation, let left, let right): change(operation, left, right, in: expression)
    case .unary(.not, let operand): dropNot(expression, operand)
    case .integer, .float: step(expression)
    case .string(let bytes): change(expression, text: String(decoding: bytes, as: UTF8.self))
    case .true, .false: flip(expression)
    case .call(let function, let arguments): look(at: function, arguments)
    default: break
    }
    return true
  }

  /// Notes what the arguments of a call stand for.
  private mutating func look(at function: LuaExpression.ID, _ arguments: [LuaExpression.ID]) {
    switch chunk[function].kind {
    case .global("usd"), .global("cents"), .global("shares"):
      guard let argument = arguments.first, case .global(let kind) = chunk[function].kind else { return }
      uses[argument] = uses[argument] ?? .amount(kind, of: "")
    case .global("duration"):
      if let argument = arguments.first { uses[argument] = uses[argument] ?? .duration(of: "a duration") }
    case .global("print"), .global("error"), .global("require"): skipped.formUnion(arguments)
    case .global("signal"):
      guard let table = arguments.first else { return }
      for (name, value) in RuleHeaderText.entries(table, chunk) {
        switch name.text {
        case "title", "action": skipped.insert(value)
        case "severity": useAsSeverity(value)
        case "confidence": uses[value] = .amount("", of: "confidence")
        case "hold": uses[value] = .duration(of: "the hold of the signal")
        default: continue
        }
      }
    case .field(let library, let name) where name.text == "min" || name.text == "max":
      guard case .global("math") = chunk[library].kind else { return }
      swapExtreme(name.range, name.text, in: "math.\(name.text)")
    default: return
    }
  }

  /// Marks the texts that `a and "high" or nil` can come to.
  private mutating func useAsSeverity(_ value: LuaExpression.ID) {
    var waiting = [value]
    while let next = waiting.popLast() {
      switch chunk[next].kind {
      case .string: uses[next] = .severity
      case .binary(.and, _, let right): waiting.append(right)
      case .binary(.or, let left, let right): waiting += [left, right]
      case .parenthesized(let inner): waiting.append(inner)
      default: continue
      }
    }
  }
}

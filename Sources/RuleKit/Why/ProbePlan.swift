import RuleEngine

/// Finds the places for probes, and writes them into the text.
///
/// Only functions get them: what the file itself does is the header, which is not a matter of an event.
struct ProbePlan: LuaVisitor {
  /// Text that goes in front of a byte of the chunk.
  private struct Insertion {
    var offset: Int
    /// Closings come first, then statements, then openings.
    var rank: Int
    /// Inner closings come before outer ones, outer openings before inner ones.
    var depth: Int
    var text: String
    var isLine: Bool
  }

  let chunk: LuaChunk
  let purpose: InstrumentedRule.Purpose
  /// A name that the text does not have.
  let name: String
  private(set) var probes: [Probe] = []
  private(set) var clauses: [ProbedClause] = []
  private var insertions: [Insertion] = []
  private var functions: [LuaFunction.ID] = []
  private let paths: SignalPaths
  /// Parts of a whole of `and`, `or` and `not` that has its probes.
  private var grouped: Set<LuaExpression.ID> = []

  init(_ chunk: LuaChunk, _ purpose: InstrumentedRule.Purpose) {
    self.chunk = chunk
    self.purpose = purpose
    name = ProbePlan.freeName(chunk.bytes)
    paths = SignalPaths(chunk)
  }

  /// Walks the whole text.
  mutating func mark() { chunk.walk(&self) }

  private static func freeName(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    var name = "__p"
    var number = 0
    while text.contains(name) {
      number += 1
      name = "__p\(number)"
    }
    return name
  }

  private var function: LuaFunction.ID { functions.last ?? .main }
  private var isProbed: Bool { functions.count > 1 }

  // MARK: What the walk finds

  mutating func enter(_ function: LuaFunction.ID) {
    functions.append(function)
    if purpose == .coverage, isProbed, chunk[function].body.firstLine == nil { add(entry: function) }
  }

  mutating func leave(_ function: LuaFunction.ID) { functions.removeLast() }

  mutating func enter(_ statement: LuaStatement) -> Bool {
    guard isProbed else { return true }
    switch statement.kind {
    case .empty, .label: return true
    case .return: add(line: statement, isReturn: true)
    case .if(let parts, let otherwise):
      add(line: statement, isReturn: false)
      add(parts, otherwise)
    case .while(let condition, let block):
      add(line: statement, isReturn: false)
      add(.while, condition, block)
    case .repeat(_, let condition):
      add(line: statement, isReturn: false)
      add(.until, condition, LuaBlock())
    default: add(line: statement, isReturn: false)
    }
    return true
  }

  mutating func enter(_ expression: LuaExpression.ID) -> Bool {
    guard isProbed else { return true }
    switch chunk[expression].kind {
    case .binary(let operation, let left, let right) where operation.isComparison && purpose == .why:
      if !isConstant(left), !mayChange(left, by: right) { add(.operand(of: expression, isLeft: true), left) }
      if !isConstant(right) { add(.operand(of: expression, isLeft: false), right) }
    case .unary(.not, _), .binary(.and, _, _), .binary(.or, _, _):
      if purpose == .coverage, !grouped.contains(expression) { addChoices(expression, isCondition: false) }
    default: break
    }
    return true
  }

  // MARK: Probes

  private mutating func add(line statement: LuaStatement, isReturn: Bool) {
    probes.append(
      Probe(
        kind: .line(isReturn: isReturn), expression: nil, range: statement.range, line: statement.line,
        function: function))
    call(at: statement.range.lowerBound)
  }

  private mutating func add(entry function: LuaFunction.ID) {
    probes.append(
      Probe(
        kind: .entry, expression: nil, range: chunk[function].range, line: chunk[function].line,
        function: function))
    call(at: chunk[function].body.range.lowerBound)
  }

  /// Calls the newest probe in front of a byte, as a statement.
  private mutating func call(at offset: Int) {
    insertions.append(
      Insertion(offset: offset, rank: 1, depth: 0, text: " \(name)(\(probes.count - 1));", isLine: true))
  }

  private mutating func add(_ kind: Probe.Kind, _ expression: LuaExpression.ID) {
    let range = chunk[expression].range
    probes.append(
      Probe(
        kind: kind, expression: expression, range: range, line: chunk[expression].line, function: function))
    // A whole has a higher number than its parts; a condition goes around the comparison that it is.
    let number = 2 * expression.index + (kind.isTest ? 1 : 0)
    insertions.append(
      Insertion(
        offset: range.lowerBound, rank: 2, depth: -number, text: " \(name)(\(probes.count - 1),",
        isLine: false))
    insertions.append(
      Insertion(offset: range.upperBound, rank: 0, depth: number, text: ")", isLine: false))
  }

  private mutating func add(_ parts: [LuaStatement.Clause], _ otherwise: LuaBlock?) {
    let first = clauses.count
    for part in parts { add(.if, part.condition, part.block) }
    var later = otherwise.map { paths.leadToSignal($0) } ?? false
    for place in (first..<clauses.count).reversed() {
      clauses[place].elseLeadsToSignal = later
      later = later || clauses[place].leadsToSignal
    }
  }

  private mutating func add(_ kind: ProbedClause.Kind, _ condition: LuaExpression.ID, _ block: LuaBlock) {
    var clause = ProbedClause(
      kind: kind, condition: condition, line: chunk[condition].line, function: function, block: block,
      leaves: block.leaves)
    clause.leadsToSignal = paths.leadToSignal(block)
    clauses.append(clause)
    let parts = parts(of: condition).parts.filter { !isConstant($0.expression) }
    if purpose == .coverage {
      if !parts.isEmpty { add(.branch, condition) }
      return addChoices(condition, isCondition: true)
    }
    for (number, part) in parts.enumerated() {
      add(.test(clause: clauses.count - 1, part: number, isNegated: part.isNegated), part.expression)
    }
  }

  /// The operands of `and` and `or` in an expression, when there are some; in the condition of a clause each of
  /// them decides.
  private mutating func addChoices(_ whole: LuaExpression.ID, isCondition: Bool) {
    let (parts, inner) = parts(of: whole)
    grouped.formUnion(inner)
    guard parts.count > 1 else { return }
    // With `or nil` behind it, an operand is the value.
    let last = parts.last { !isNothing($0.expression) }?.expression
    // Behind what Lua knows beforehand the last operand is the whole, which errors may call by its name.
    if !isCondition, parts.dropLast().allSatisfy({ isFixed($0.expression) }) { return }
    for part in parts where !isConstant(part.expression) {
      let decides =
        isCondition || part.expression != last || part.isNegated || isComparison(part.expression)
      add(.choice(decides: decides), part.expression)
    }
  }

  /// What `and`, `or`, `not` and parentheses put together, in the order of the text, and these themselves.
  private func parts(
    of whole: LuaExpression.ID
  ) -> (parts: [(expression: LuaExpression.ID, isNegated: Bool)], inner: [LuaExpression.ID]) {
    var parts: [(expression: LuaExpression.ID, isNegated: Bool)] = []
    var inner: [LuaExpression.ID] = []
    var waiting = [(whole, false)]
    while let (expression, isNegated) = waiting.popLast() {
      inner.append(expression)
      switch chunk[expression].kind {
      case .parenthesized(let next): waiting.append((next, isNegated))
      case .unary(.not, let next): waiting.append((next, !isNegated))
      case .binary(let operation, let left, let right) where operation == .and || operation == .or:
        waiting.append((right, isNegated))
        waiting.append((left, isNegated))
      default:
        inner.removeLast()
        parts.append((expression, isNegated))
      }
    }
    return (parts, inner)
  }

  private func isComparison(_ expression: LuaExpression.ID) -> Bool {
    if case .binary(let operation, _, _) = chunk[expression].kind { return operation.isComparison }
    return false
  }

  private func isConstant(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .nil, .true, .false, .integer, .float, .string: true
    default: false
    }
  }

  private func isNothing(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .nil, .false: true
    default: false
    }
  }

  /// Whether Lua may know the value when it reads the text.
  private func isFixed(_ expression: LuaExpression.ID) -> Bool {
    switch chunk[expression].kind {
    case .local(let local), .upvalue(let local): chunk[local].attribute == .constant
    default: isConstant(expression)
    }
  }

  /// Whether Lua reads a variable on the left of a comparison only when it compares, and what is on the right
  /// could change it before: a probe would read it too early.
  private func mayChange(_ left: LuaExpression.ID, by right: LuaExpression.ID) -> Bool {
    var inner = left
    while case .parenthesized(let next) = chunk[inner].kind { inner = next }
    guard case .local(let local) = chunk[inner].kind, chunk[local].isCaptured, chunk[local].assignments > 0
    else { return false }
    switch chunk[right].kind {
    case .local, .upvalue: return false
    default: return !isConstant(right)
    }
  }

  // MARK: The text

  /// The text with all probes, or with those of lines alone.
  func source(isFull: Bool) -> InstrumentedSource {
    let wanted = insertions.filter { isFull || $0.isLine }.sorted { left, right in
      (left.offset, left.rank, left.depth) < (right.offset, right.rank, right.depth)
    }
    var text = Array("local \(name) <const> = \(name); ".utf8)
    text.reserveCapacity(chunk.bytes.count * 3)
    var at = 0
    for insertion in wanted {
      text.append(contentsOf: chunk.bytes[at..<insertion.offset])
      text.append(contentsOf: insertion.text.utf8)
      at = insertion.offset
    }
    text.append(contentsOf: chunk.bytes[at...])
    return InstrumentedSource(text: text, probe: name)
  }
}

extension Probe.Kind {
  /// Whether it goes around what is probed at the same place.
  fileprivate var isTest: Bool {
    switch self {
    case .test, .branch: true
    default: false
    }
  }
}

extension LuaBlock {
  /// The statement whose probe is called once whenever the block begins, nil when none is.
  var firstLine: LuaStatement? {
    let first = statements.first { statement in
      if case .empty = statement.kind { return false }
      return true
    }
    if case .label = first?.kind { return nil }
    return first
  }

  /// Whether it ends by going somewhere else.
  var leaves: Bool {
    let last = statements.last { statement in
      if case .empty = statement.kind { return false }
      return true
    }
    switch last?.kind {
    case .return, .break, .goto: return true
    default: return false
    }
  }
}

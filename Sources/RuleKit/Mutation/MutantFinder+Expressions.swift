import OrderFlow
import RuleEngine

extension MutantFinder {
  // MARK: Operators

  mutating func change(
    _ operation: LuaBinaryOperator, _ left: LuaExpression.ID, _ right: LuaExpression.ID,
    in whole: LuaExpression.ID
  ) {
    guard let (kind, other) = MutantFinder.other[operation], let sign = sign(between: left, right) else {
      return
    }
    let change = "`\(operation.rawValue)` becomes `\(other)`"
    let question: String
    switch kind {
    case .boundary: question = boundaryQuestion(left, right, whole)
    case .equality: question = "no test would notice if `\(code(whole))` said the opposite"
    case .connective:
      question =
        "no test would notice if `\(operation.rawValue)` were `\(other)` in `\(code(whole))`: "
        + "when does one side hold and the other not?"
    default: question = "no test would notice if `\(operation.rawValue)` were `\(other)` in `\(code(whole))`"
    }
    let comparison = operation.isComparison ? whole : nil
    if operation == .and {
      // `or` binds less: what was grouped stays grouped.
      let range = chunk[whole].range
      let text = "(" + chunk.text(range.lowerBound..<sign.lowerBound) + other
      add(
        kind, range, text + chunk.text(sign.upperBound..<range.upperBound) + ")", change: change,
        at: sign.lowerBound, question)
    } else {
      add(kind, sign, other, change: change, comparison: comparison, question)
    }
  }

  private static let other: [LuaBinaryOperator: (MutantKind, String)] = [
    .less: (.boundary, "<="), .lessOrEqual: (.boundary, "<"), .greater: (.boundary, ">="),
    .greaterOrEqual: (.boundary, ">"), .equal: (.equality, "~="), .notEqual: (.equality, "=="),
    .and: (.connective, "or"), .or: (.connective, "and"), .add: (.arithmetic, "-"),
    .subtract: (.arithmetic, "+"), .multiply: (.arithmetic, "/"), .divide: (.arithmetic, "*"),
  ]

  /// The bytes of the operator between two operands.
  private func sign(between left: LuaExpression.ID, _ right: LuaExpression.ID) -> Range<Int>? {
    var lexer = LuaLexer(chunk.bytes, from: chunk[left].range.upperBound)
    guard let token = try? lexer.next(), token.range.upperBound <= chunk[right].range.lowerBound else {
      return nil
    }
    return token.range
  }

  private func boundaryQuestion(
    _ left: LuaExpression.ID, _ right: LuaExpression.ID, _ whole: LuaExpression.ID
  ) -> String {
    let (value, bound) = amounts.amount(of: right) != nil ? (left, right) : (right, left)
    guard let amount = amounts.amount(of: bound) else {
      return "no test has `\(code(left))` equal to `\(code(right))`: should `\(code(whole))` hold then?"
    }
    let unit = amount.unit == .plain ? UnitGuess(chunk, nil).unit(of: value) : amount.unit
    let isWritten = if case .integer = chunk[values.resolve(bound)].kind { true } else { false }
    let name = isWritten ? "" : " (\(code(bound)))"
    return "no test sits exactly on \(ValueText.amount(amount.value, unit))\(name) with `\(code(value))`: "
      + "should `\(code(whole))` hold there?"
  }

  mutating func dropNot(_ whole: LuaExpression.ID, _ operand: LuaExpression.ID) {
    let range = chunk[whole].range.lowerBound..<chunk[operand].range.lowerBound
    add(
      .not, range, "", change: "`not` is dropped",
      "no test would notice if `\(code(whole))` were `\(code(operand))`")
  }

  mutating func swapExtreme(_ range: Range<Int>, _ name: String, in text: String) {
    let other = name == "min" ? "max" : "min"
    add(.extreme, range, other, "no test would notice if `\(text)` took the \(other)imum")
  }

  // MARK: Literals

  /// A number, one unit more and one less.
  mutating func step(_ expression: LuaExpression.ID) {
    let text = chunk.text(chunk[expression].range)
    switch uses[expression] {
    case .duration, .interval:
      if let value = Int64(text) { stretch(expression, value) { "\($0)" } }
    case .amount(let kind, let name): step(expression, text, kind, of: name, quote: "")
    default: step(expression, text, "", of: "", quote: "")
    }
  }

  private mutating func step(
    _ expression: LuaExpression.ID, _ text: String, _ kind: String, of name: String, quote: String
  ) {
    let isMoney = ["usd", "cents", "shares"].contains(kind)
    for (mutant, steps) in [(MutantKind.more, Int64(1)), (.less, -1)] {
      guard let other = MutantFinder.neighbour(of: text, in: kind, steps) else { continue }
      if isMoney, other.hasPrefix("-") { continue }
      let written = other.hasPrefix("-") && !isMoney ? "(\(other))" : other
      let (said, instead) = (amount(text, kind), amount(other, kind))
      let place = name.isEmpty ? "" : " (\(name))"
      let hint = isMoney ? (steps > 0 ? ": is there something of exactly \(said)?" : ": and just below?") : ""
      add(
        mutant, chunk[expression].range, quote + written + quote,
        "no test tells \(said)\(place) from \(instead)\(hint)")
    }
  }

  private static func neighbour(of text: String, in kind: String, _ steps: Int64) -> String? {
    if let decimal = DecimalLiteral(text) {
      let exact = kind == "usd" ? decimal.withPlaces(2) : decimal
      return exact?.stepped(by: steps)?.text
    }
    // Hexadecimal, or many digits.
    guard !text.contains("."), let hexadecimal = text.lowercased().wholeMatch(of: /0x([0-9a-f]{1,15})/),
      let value = Int64(hexadecimal.1, radix: 16)
    else { return nil }
    return "\(value + steps)"
  }

  /// `$25,000.01` for `25000.01` dollars.
  private func amount(_ text: String, _ kind: String) -> String {
    guard let decimal = DecimalLiteral(text) else { return text }
    switch kind {
    case "usd": return decimal.scaled(byPowerOfTen: 6).map { ValueText.amount($0, .usd) } ?? text
    case "cents": return decimal.scaled(byPowerOfTen: 4).map { ValueText.amount($0, .usd) } ?? text
    case "shares": return decimal.scaled(byPowerOfTen: 6).map { ValueText.amount($0, .shares) } ?? text
    default: return decimal.places == 0 ? ValueText.grouped(decimal.digits) : text
    }
  }

  mutating func change(_ expression: LuaExpression.ID, text: String) {
    switch uses[expression] {
    case .duration, .interval:
      guard let value = DurationLiteral.parse(text) else { return }
      stretch(expression, value) { "\"\(DurationLiteral.text($0))\"" }
    case .amount(let kind, let name): step(expression, text, kind, of: name, quote: "\"")
    case .severity: nextSeverity(expression, text)
    default:
      guard let other = ["BUY": "SELL", "SELL": "BUY", "taker": "maker", "maker": "taker"][text] else {
        return
      }
      add(
        .side, chunk[expression].range, "\"\(other)\"",
        "no test would notice if \"\(text)\" were \"\(other)\" here")
    }
  }

  /// A duration, a tenth more and a tenth less.
  private mutating func stretch(
    _ expression: LuaExpression.ID, _ value: Int64, written: (Int64) -> String
  ) {
    let tenth = max(value / 10, 1)
    // No duration is as long, but a number in its place may be.
    let (longer, isOverflow) = value.addingReportingOverflow(tenth)
    if value < 0 || isOverflow { return }
    for (kind, other) in [(MutantKind.longer, longer), (.shorter, value - tenth)] where other > 0 {
      add(kind, chunk[expression].range, written(other), durationQuestion(uses[expression], value, other))
    }
  }

  private func durationQuestion(_ use: Use?, _ value: Int64, _ other: Int64) -> String {
    let (text, instead) = (DurationLiteral.text(value), DurationLiteral.text(other))
    switch use {
    case .interval(let name):
      return "no test would notice if the timer \(name) ticked every \(instead) and not every \(text)"
    case .duration(let name):
      let (low, high) = value < other ? (text, instead) : (instead, text)
      return "no test has two moments between \(low) and \(high) apart: is \(text) right for \(name)?"
    default: return "no test tells \(text) from \(instead)"
    }
  }

  private mutating func nextSeverity(_ expression: LuaExpression.ID, _ text: String) {
    guard let severity = Severity(name: text) else { return }
    let next = Severity(rawValue: severity.rawValue + 1) ?? .high
    add(
      .severity, chunk[expression].range, "\"\(next.name)\"",
      "no test would notice if this severity were \(next.name) and not \(text)")
  }

  mutating func flip(_ expression: LuaExpression.ID) {
    guard case .boolean(let name) = uses[expression] else { return }
    let isTrue = if case .true = chunk[expression].kind { true } else { false }
    add(
      .boolean, chunk[expression].range, isTrue ? "false" : "true",
      "no test would notice if \(name) were \(isTrue ? "false" : "true")")
  }
}

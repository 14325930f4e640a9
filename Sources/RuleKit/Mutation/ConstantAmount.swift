import RuleEngine

/// Works out what an expression of literals and parameters' defaults is worth.
struct ConstantAmount {
  /// A whole number and what it counts.
  struct Amount: Equatable {
    var value: Int64
    var unit: ValueUnit
  }

  let chunk: LuaChunk
  let values: LocalValues
  /// Kind and default of each parameter.
  var parameters: [String: (kind: String, value: LuaExpression.ID)] = [:]

  /// The value of an expression, nil when it depends on anything else.
  func amount(of expression: LuaExpression.ID, depth: Int = 0) -> Amount? {
    guard depth < 20 else { return nil }
    let id = values.resolve(expression)
    switch chunk[id].kind {
    case .integer(let value): return Amount(value: value, unit: .plain)
    case .unary(.minus, let inner):
      return amount(of: inner, depth: depth + 1).map { Amount(value: 0 &- $0.value, unit: $0.unit) }
    case .call(let function, let arguments):
      guard case .global(let name) = chunk[function].kind, let argument = arguments.first else { return nil }
      return amount(of: argument, in: name)
    case .field(let object, let name):
      guard case .field(_, let params) = chunk[values.resolve(object)].kind, params.text == "params",
        let parameter = parameters[name.text]
      else { return nil }
      return amount(of: parameter.value, in: parameter.kind)
    case .binary(let operation, let left, let right):
      guard let left = amount(of: left, depth: depth + 1), let right = amount(of: right, depth: depth + 1)
      else { return nil }
      return ConstantAmount.combine(operation, left, right)
    default: return nil
    }
  }

  /// The amount of a literal that is given to `usd`, `cents`, `shares`, `duration` or `int`.
  func amount(of literal: LuaExpression.ID, in kind: String) -> Amount? {
    let text = chunk.literal(literal)
    switch kind {
    case "usd": return micros(text, 6).map { Amount(value: $0, unit: .usd) }
    case "cents": return micros(text, 4).map { Amount(value: $0, unit: .usd) }
    case "shares": return micros(text, 6).map { Amount(value: $0, unit: .shares) }
    case "duration": return DurationLiteral.parse(text).map { Amount(value: $0, unit: .duration) }
    case "int": return Int64(text).map { Amount(value: $0, unit: .plain) }
    default: return nil
    }
  }

  private func micros(_ text: String, _ power: Int) -> Int64? {
    DecimalLiteral(text)?.scaled(byPowerOfTen: power)
  }

  private static func combine(_ operation: LuaBinaryOperator, _ left: Amount, _ right: Amount) -> Amount? {
    let result: (partialValue: Int64, overflow: Bool)
    switch operation {
    case .add: result = left.value.addingReportingOverflow(right.value)
    case .subtract: result = left.value.subtractingReportingOverflow(right.value)
    case .multiply: result = left.value.multipliedReportingOverflow(by: right.value)
    default: return nil
    }
    let unit = left.unit == .plain ? right.unit : left.unit
    return result.overflow ? nil : Amount(value: result.partialValue, unit: unit)
  }
}

extension LuaChunk {
  /// A literal without its quotes, as it is written otherwise.
  func literal(_ expression: LuaExpression.ID) -> String {
    if case .string(let bytes) = self[expression].kind { return String(decoding: bytes, as: UTF8.self) }
    return text(self[expression].range)
  }
}

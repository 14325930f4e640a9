/// Finds what expressions mean. Parts come before wholes and locals before their uses, so one pass is enough.
struct Meanings {
  private let chunk: LuaChunk
  private let values: LocalValues
  private let header: RuleHeaderText
  /// The parameters of hooks.
  private var roles: [LuaLocal.ID: Meaning] = [:]
  /// By number of the expression.
  private(set) var all: [Meaning] = []

  init(chunk: LuaChunk, values: LocalValues, header: RuleHeaderText, hooks: [String: LuaFunction.ID]) {
    self.chunk = chunk
    self.values = values
    self.header = header
    // A function that is two hooks is on_order first of all.
    let shapes: [(String, [Meaning])] = [
      ("on_timer", [.other, .other, .windows]),
      ("on_close", [.other, .other, .group(header.closingWindows)]),
      ("on_sequence", [.other, .match, .windows]), ("on_signal", [.heard, .windows]),
      ("on_gap", [.gap, .windows]),
      ("on_order", [.order, .windows]),
    ]
    for (hook, shape) in shapes {
      guard let function = hooks[hook] else { continue }
      for (local, meaning) in zip(chunk[function].parameters, shape) where chunk[local].assignments == 0 {
        roles[local] = meaning
      }
    }
    all.reserveCapacity(chunk.expressions.count)
    for expression in chunk.expressions { all.append(meaning(of: expression)) }
  }

  private subscript(expression: LuaExpression.ID) -> Meaning {
    expression.index < all.count ? all[expression.index] : .other
  }

  private func meaning(of expression: LuaExpression) -> Meaning {
    switch expression.kind {
    case .float:
      return chunk.bytes[expression.range].contains(UInt8(ascii: ".")) ? .decimal : .other
    case .local(let local), .upvalue(let local): return meaning(of: local)
    case .parenthesized(let inner): return self[inner]
    case .field(let object, let name): return field(name.text, of: object)
    case .index(let object, let key):
      if case .string(let bytes) = chunk[key].kind {
        return field(String(decoding: bytes, as: UTF8.self), of: object)
      }
      return .other
    case .unary(.minus, let operand):
      return self[operand].isMoney || self[operand] == .decimal ? self[operand] : .other
    case .binary(let operation, let left, let right): return binary(operation, self[left], self[right])
    case .call(let function, let arguments): return call(function, arguments)
    default: return .other
    }
  }

  private func meaning(of local: LuaLocal.ID) -> Meaning {
    if let role = roles[local] { return role }
    if let value = values[local] { return self[value] }
    if let walked = values.loops[local], case .groups(let window) = self[walked] { return .group([window]) }
    return .other
  }

  private func field(_ name: String, of object: LuaExpression.ID) -> Meaning {
    switch self[object] {
    case .order, .step: return RuleHeaderText.meaning(ofField: name)
    case .match: return name == "steps" ? .steps : .other
    case .steps: return .step
    case .windows: return .group([name])
    case .group(let windows): return header.meaning(of: name, in: windows)
    case .rule: return name == "params" ? .params : .other
    case .params: return header.meaning(ofParameter: name)
    default: return .other
    }
  }

  private func binary(_ operation: LuaBinaryOperator, _ left: Meaning, _ right: Meaning) -> Meaning {
    switch operation {
    case .add, .subtract: left.isMoney ? left : right.isMoney ? right : .other
    case .multiply: left.isMoney == right.isMoney ? .other : left.isMoney ? left : right
    case .or: left == .other ? right : left
    case .and: right
    default: .other
    }
  }

  private func call(_ function: LuaExpression.ID, _ arguments: [LuaExpression.ID]) -> Meaning {
    switch chunk[function].kind {
    case .global("rule"): return .rule
    case .global("group"): return window(arguments).map { .group([$0]) } ?? .other
    case .global("groups"): return window(arguments).map { .groups($0) } ?? .other
    case .field(let library, let name):
      guard case .global("math") = chunk[library].kind, ["abs", "max", "min"].contains(name.text) else {
        return .other
      }
      return arguments.map { self[$0] }.first { $0.isMoney } ?? .other
    default: return .other
    }
  }

  private func window(_ arguments: [LuaExpression.ID]) -> String? {
    guard let name = arguments.first, case .string(let bytes) = chunk[name].kind else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

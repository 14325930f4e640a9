/// The things the lint looks for. The raw value is the name in `-- betterbot: allow NAME`.
public enum LintCheck: String, CaseIterable, Sendable {
  case syntax
  case unknownField = "unknown-field"
  case undeclaredGlobal = "undeclared-global"
  case decimalMoney = "decimal-money"
  case keptOrder = "kept-order"
  case unusedLocal = "unused-local"
  case shadowedName = "shadowed-name"
  case keyOrder = "key-order"
  case unreachableCode = "unreachable-code"
  case unusedDeclaration = "unused-declaration"
  case comparisonIndex = "comparison-index"
  case unknownAllow = "unknown-allow"

  /// Errors make a rule wrong whatever the orders are; warnings may be meant.
  public var severity: LintFinding.Severity {
    switch self {
    case .syntax, .unknownField, .undeclaredGlobal, .decimalMoney, .keptOrder: .error
    default: .warning
    }
  }
}

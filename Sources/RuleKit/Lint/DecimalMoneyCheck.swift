/// `o.usd > 0.5`: money is whole micro-units, so that a limit with a decimal point is not what was meant.
enum DecimalMoneyCheck {
  static func run(_ text: RuleText, _ report: inout LintReport) {
    for (_, expression) in text.expressions {
      guard case .binary(let operation, let left, let right) = expression.kind, operation.isComparison else {
        continue
      }
      for (money, literal) in [(left, right), (right, left)]
      where text[money].isMoney && text[literal] == .decimal {
        let written = number(literal, text)
        let advice = text[money] == .shares ? "shares(\(written))" : "usd(\(written))\(cents(written))"
        let unit = text[money] == .shares ? "micro-shares" : "micro-dollars"
        report.add(
          .decimalMoney, at: literal, "this is compared with whole \(unit): write \(advice), not \(written)")
      }
    }
  }

  /// The number as it is written, where it is written.
  private static func number(_ literal: LuaExpression.ID, _ text: RuleText) -> String {
    text.chunk.text(text.chunk[text.values.resolve(literal)].range)
  }

  private static func cents(_ written: String) -> String {
    guard let value = Double(written) else { return "" }
    let cents = (value * 100).rounded()
    guard abs(cents - value * 100) < 1e-6, abs(cents) < 1e9 else { return "" }
    return " or cents(\(Int(cents)))"
  }
}

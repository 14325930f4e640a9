import COrderFlow
import OrderFlow

/// One condition of a `where`, and what it said of an order.
public struct ConditionOutcome: Equatable, Sendable {
  /// The kinds of conditions, with what they compare with.
  public enum Test: Equatable, Sendable {
    case atLeast(ProbeValue)
    case atMost(ProbeValue)
    case oneOf([ProbeValue])
  }

  /// The field, or `window.aggregate`.
  public var subject: String
  /// What the value counts.
  public var unit: ValueUnit
  /// The value that was tested; nil when the window has no group for the order.
  public var value: ProbeValue
  /// What it was tested for.
  public var test: Test
  /// Whether the order passed.
  public var passes: Bool
}

extension ConditionOutcome {
  /// Tests a field of an order.
  init(_ condition: Condition, field: OrderField, _ order: UnsafePointer<bb_order>) {
    let name = field.name
    self.init(
      subject: name, unit: .of(field: name), value: field.value(of: order),
      test: Test(condition.test, isWhole: field.isInteger, codes: field.codes ?? []),
      passes: condition.admits(order))
  }
}

extension ConditionOutcome.Test {
  init(_ test: Condition.Test, isWhole: Bool, codes: [(name: String, code: Int64)]) {
    func number(_ float: Double, _ whole: Int64) -> ProbeValue { isWhole ? .integer(whole) : .number(float) }
    switch test {
    case .atLeast(let float, let whole): self = .atLeast(number(float, whole))
    case .atMost(let float, let whole): self = .atMost(number(float, whole))
    case .oneOf(let values):
      self = .oneOf(
        values.map { value in
          guard let name = codes.first(where: { $0.code == value })?.name else { return .integer(value) }
          return .text(name, count: name.utf8.count)
        })
    case .oneOfTexts(let texts):
      self = .oneOf(texts.map { .text(String(decoding: $0, as: UTF8.self), count: $0.count) })
    }
  }
}

extension OrderField {
  /// Its name in rules.
  var name: String { OrderField.named.first { $0.field == self }?.name ?? "" }

  /// The value that an order has in it.
  func value(of order: UnsafePointer<bb_order>) -> ProbeValue {
    if case .text(let field) = self {
      let text = order.text(field).pointee
      return text.count == 0 ? .nil : .text(text.string, count: Int(text.count))
    }
    let word = word(order)
    if case .late = self { return .boolean(word != 0) }
    guard let codes else { return .integer(word) }
    guard let name = codes.first(where: { $0.code == word })?.name else { return .nil }
    return .text(name, count: name.utf8.count)
  }
}

public import COrderFlow
import OrderFlow

/// An order's fields as rules know them, as a value of its own.
public struct OrderFacts: Equatable, Sendable {
  /// Its journal number.
  public var seq: Int64
  /// Event time, ms since 1970 UTC.
  public var time: Int64
  /// The fields that it has, in the order of the rule contract.
  public var fields: [GroupSnapshot.Entry]

  /// Copies an order's fields.
  public init(_ order: UnsafePointer<bb_order>) {
    seq = order.pointee.seq
    time = order.pointee.time
    fields = OrderField.named.compactMap { name, field in
      let value = field.value(of: order)
      return value == .nil ? nil : GroupSnapshot.Entry(name: name, value: value, unit: .of(field: name))
    }
  }

  /// The value of a field, nil when the order has none.
  public subscript(_ name: String) -> ProbeValue { fields.first { $0.name == name }?.value ?? .nil }
}

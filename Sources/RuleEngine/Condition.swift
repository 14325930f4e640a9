import COrderFlow
import OrderFlow

/// One test of a `where`: a field, or an aggregate of a window, against constants.
struct Condition: Sendable, Equatable {
  /// What is tested.
  enum Subject: Sendable, Equatable {
    case field(OrderField)
    /// Window and aggregate by number; rule-level conditions only.
    case aggregate(window: Int, aggregate: Int)
  }

  /// How it is tested. Numbers of an integer field are in its own units.
  enum Test: Sendable, Equatable {
    case atLeast(Double, Int64)
    case atMost(Double, Int64)
    /// Integers or the codes of a field with few values.
    case oneOf([Int64])
    case oneOfTexts([[UInt8]])
  }

  var subject: Subject
  var test: Test

  /// Whether the order's field passes; aggregates are tested by `passes(_:)`.
  @inline(__always)
  func admits(_ order: UnsafePointer<bb_order>) -> Bool {
    guard case .field(let field) = subject else { return true }
    switch test {
    case .atLeast(_, let bound): return field.word(order) >= bound
    case .atMost(_, let bound): return field.word(order) <= bound
    case .oneOf(let codes):
      let word = field.word(order)
      for code in codes where code == word { return true }
      return false
    case .oneOfTexts(let texts):
      guard case .text(let name) = field else { return false }
      let text = order.text(name)
      for wanted in texts where wanted.count == Int(text.pointee.count) {
        let same = wanted.withUnsafeBufferPointer { bytes in
          guard let start = bytes.baseAddress, let sent = text.pointee.bytes else { return bytes.isEmpty }
          return bb_equal(start, sent, bytes.count) != 0
        }
        if same { return true }
      }
      return false
    }
  }

  /// Whether the value of an aggregate passes.
  func passes(_ value: AggregateValue) -> Bool {
    switch (value, test) {
    case (.integer(let value), .atLeast(_, let bound)): value >= bound
    case (.integer(let value), .atMost(_, let bound)): value <= bound
    case (.number(let value), .atLeast(let bound, _)): value >= bound
    case (.number(let value), .atMost(let bound, _)): value <= bound
    case (.integer(let value), .oneOf(let values)): values.contains(value)
    default: false
    }
  }
}

/// How a window selects, keys, keeps and aggregates orders; the same definition means the same contents.
struct WindowDefinition: Sendable {
  /// The three shapes of RULES.md, with spans in milliseconds.
  enum Shape: Sendable, Equatable {
    /// `(t − span, t]`
    case sliding(span: Int64)
    /// `[k·width, (k+1)·width)` from the epoch.
    case tumbling(width: Int64)
    /// Ends when the gap is strictly greater than `gap`, or when it would get longer than `span`.
    case session(gap: Int64, span: Int64)
  }

  /// What an aggregate computes; `value` is a place in the item.
  enum Aggregate: Sendable, Equatable {
    case count
    case sum(value: Int)
    case mean(value: Int)
    case minimum(value: Int)
    case maximum(value: Int)
    case first(value: Int)
    case last(value: Int)
    case distinct(value: Int)
    case deviation(value: Int)
    case quantile(value: Int, fraction: Double)
    case ewma(value: Int, halfLife: Int64)
    case top(label: Int, count: Int, weight: Int)
  }

  /// What is kept up to date with every order, for the aggregates above.
  enum Accumulator: Sendable, Equatable {
    case sum(value: Int)
    case minimum(value: Int)
    case maximum(value: Int)
    case distinct(value: Int)
  }

  var name: String
  var line: Int
  var shape: Shape
  /// Fields of the key, with their names.
  var keys: [(name: String, field: OrderField)]
  var conditions: [Condition]
  /// Fields whose values the items carry.
  var values: [OrderField]
  /// Aggregates by name, in name order.
  var aggregates: [(name: String, aggregate: Aggregate)]
  /// The two field names of a `top`, by aggregate; nil for others.
  var topNames: [(label: String, weight: String)?]
  var maximumKeys = 100_000
  var maximumItems = 1_000_000

  /// The place of an aggregate's accumulator, -1 when it has none.
  func place(of aggregate: Aggregate) -> Int {
    aggregate.accumulator.flatMap { accumulators.firstIndex(of: $0) } ?? -1
  }

  /// What a test of a rule's `where` can make of an aggregate.
  enum ValueKind { case integer, number, other }

  /// The kind of value that aggregate `number` has.
  func kind(of number: Int) -> ValueKind {
    switch aggregates[number].aggregate {
    case .count, .sum, .minimum, .maximum, .distinct, .quantile: .integer
    case .mean, .deviation, .ewma: .number
    case .first(let value), .last(let value): values[value].isInteger ? .integer : .other
    case .top: .other
    }
  }

  /// The accumulators that the aggregates need, each once.
  var accumulators: [Accumulator] {
    var result: [Accumulator] = []
    for case let accumulator? in aggregates.map(\.aggregate.accumulator) where !result.contains(accumulator) {
      result.append(accumulator)
    }
    return result
  }
}

extension WindowDefinition.Aggregate {
  /// What has to be kept for it with every order, nil when it is computed from the orders as it is read.
  var accumulator: WindowDefinition.Accumulator? {
    switch self {
    case .sum(let value), .mean(let value): .sum(value: value)
    case .minimum(let value): .minimum(value: value)
    case .maximum(let value): .maximum(value: value)
    case .distinct(let value): .distinct(value: value)
    default: nil
    }
  }
}

/// The value of an aggregate.
enum AggregateValue: Equatable {
  case none
  case integer(Int64)
  case number(Double)
  /// A text by its symbol.
  case symbol(Int64)
  /// Pairs of label word and weight, by descending weight.
  case top([(label: Int64, weight: Int64)])
  /// It has no value, for this reason.
  case failure(StaticString)

  static func == (left: AggregateValue, right: AggregateValue) -> Bool {
    switch (left, right) {
    case (.none, .none): true
    case (.integer(let a), .integer(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.symbol(let a), .symbol(let b)): a == b
    default: false
    }
  }
}

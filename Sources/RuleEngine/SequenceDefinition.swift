/// Ordered steps of one key within a time; the same definition means the same pending matches.
struct SequenceDefinition: Sendable {
  /// A step, or what must not come behind the step before it.
  struct Element: Sendable {
    var name: String
    var isNever: Bool
    var conditions: [Condition]
  }

  var name: String
  var line: Int
  /// Fields of the key, with their names.
  var keys: [(name: String, field: OrderField)]
  /// The longest time from the first step to the last, ms.
  var within: Int64
  /// In the order of the header; the first is a step.
  var elements: [Element]
  var maximumKeys = 100_000

  /// The steps, in order.
  var steps: [Element] { elements.filter { !$0.isNever } }

  /// Whether it ends with a `never`: it then matches when the time is over and nothing of the kind came.
  var isAbsence: Bool { elements.last?.isNever == true }

  /// How long after its deadline an absence waits for a lost stretch of the feed to be read again, ms.
  var patience: Int64 { within + 3_600_000 }

  /// How long what an order did to the pending matches can matter, ms.
  ///
  /// A match is alive while its deadline is not behind the watermark, that instant included.
  var memory: Int64 { (isAbsence ? within + patience : within) + 1 }
}

extension SequenceDefinition {
  /// Says everything that decides what is pending: neither its name nor its line.
  var identity: String {
    let keys = keys.map(\.name).joined(separator: " ")
    let elements = elements.map { "\($0.isNever ? "never" : "step") \($0.name) \($0.conditions)" }
    return "by \(keys); within \(within); \(elements.joined(separator: "; ")); \(maximumKeys)"
  }
}

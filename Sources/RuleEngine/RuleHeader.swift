import OrderFlow

/// What a rule declares about itself, checked.
struct RuleHeader {
  /// How repeats fold.
  struct Dedup: Sendable {
    /// Fields whose values make the key when the signal names none.
    var keys: [OrderField]
    /// Milliseconds.
    var hold: Int64
  }

  var title: String
  var severity = Severity.medium
  var tags: [String] = []
  var runbook: String?
  var parameters: [(name: String, type: String, value: HeaderTree)] = []
  var windows: [WindowDefinition] = []
  var sequences: [SequenceDefinition] = []
  var timers: [(name: String, interval: Int64)] = []
  var dedup: Dedup?
  var conditions: [Condition] = []
  /// The rules whose signals on_signal gets.
  var listens: [String] = []

  init(title: String) { self.title = title }

  /// The text fields whose values must have symbols before windows and sequences see an order, as bits.
  var symbolFields: UInt32 {
    var bits: UInt32 = 0
    for window in windows {
      for case .text(let field) in window.keys.map(\.field) + window.values {
        bits |= 1 << UInt32(field.rawValue)
      }
    }
    for sequence in sequences {
      for case .text(let field) in sequence.keys.map(\.field) + SequenceStep.texts {
        bits |= 1 << UInt32(field.rawValue)
      }
    }
    return bits
  }
}

extension WindowDefinition {
  /// Whether it is a session window.
  var isSession: Bool {
    if case .session = shape { return true }
    return false
  }

  /// Whether it ends by itself.
  var closes: Bool {
    if case .sliding = shape { return false }
    return true
  }
}

import OrderFlow

/// A complete match of a sequence, or an absence that waits to be decided.
struct SequenceMatch: Equatable {
  /// One word a field of `by`.
  var key: [Int64]
  /// In order.
  var steps: [SequenceStep]
  /// The first step's time and `within`, ms.
  var deadline: Int64

  /// Time of the first step, ms.
  var first: Int64 { steps.first?.time ?? deadline }

  /// Time of the last step, ms.
  var last: Int64 { steps.last?.time ?? deadline }

  /// The journal numbers of its orders, ascending, each once.
  var orders: [Int64] { Set(steps.map(\.seq)).sorted() }

  /// Keeps its texts through the coming sweep.
  func mark(_ definition: SequenceDefinition, _ symbols: borrowing SymbolTable) {
    for step in steps { step.mark(symbols) }
    for (word, (_, field)) in zip(key, definition.keys) {
      if case .text = field { symbols.mark(word) }
    }
  }
}

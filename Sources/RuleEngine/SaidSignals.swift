import OrderFlow

/// What the rules said in one batch, on its way into the order of events, then rules, then emission.
struct SaidSignals {
  /// A signal, or a repeat of an earlier one.
  enum Saying {
    case signal(EmittedSignal)
    case fold(Digest128, Int64)
  }

  private var sayings: [(index: Int32, rule: Int, place: Int, saying: Saying)] = []

  /// Adds what the rule number `rule` said next; the engine's own rule is -1: "betterbot/…" comes before every id.
  mutating func add(_ saying: Saying, index: Int32, rule: Int) {
    sayings.append((index, rule, sayings.count, saying))
  }

  /// The signals of some rules that fired, as they were emitted: who hears them puts them in order.
  func heard(of rules: [Int]) -> [HeardSignal] {
    let wanted = Set(rules)
    return sayings.compactMap { entry in
      guard wanted.contains(entry.rule), case .signal(let emitted) = entry.saying else { return nil }
      return HeardSignal(signal: emitted.signal, index: entry.index)
    }
  }

  /// Adds all of it to an output, in order.
  func finish(_ output: inout EngineOutput) {
    for entry in sayings.sorted(by: { ($0.index, $0.rule, $0.place) < ($1.index, $1.rule, $1.place) }) {
      switch entry.saying {
      case .signal(let emitted): output.signals.append(emitted)
      case .fold(let first, let count): output.folds.append((first, count))
      }
    }
  }
}

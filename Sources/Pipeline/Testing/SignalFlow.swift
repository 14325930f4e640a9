import COrderFlow
public import Journal
public import OrderFlow
public import RuleEngine
public import RuleKit

/// The events of a journal that a signal may come from.
public struct SignalFlow {
  /// In their order; the last is the one that the signal came at.
  public private(set) var events: [TestEvent] = []
  /// Places to begin from when the least of them is looked for, the fewest first.
  public private(set) var likely: [[Int]] = []
  /// How many of the orders that the signal names as evidence the journal does not hold.
  public private(set) var missingEvidence = 0
  /// Whether there are more events in front of these.
  public private(set) var isCut = false

  /// Older events than so many are not looked at.
  public static let most: Int64 = 100_000

  /// Reads as far back as the rule, and those that it hears, remember.
  ///
  /// Throws `JournalError`, `Engine.Refusal` when one of the rules does not load, and `EventRerun.Missing` when the
  /// journal does not hold the event.
  public init(_ signal: Signal, in reader: JournalReader, sources: RuleSources) throws {
    let base = try SignalFlow.base(signal, reader, sources)
    let first = max(base + 1, signal.seq - SignalFlow.most)
    isCut = first > base + 1
    var seqs: [Int64] = []
    let evidence = Set(signal.evidence)
    var events: [TestEvent] = []
    func take(_ range: ClosedRange<Int64>, onlyEvidence: Bool) throws {
      try reader.readBack(in: range, batch: 512) { batch in
        switch batch {
        case .orders(let orders):
          for place in orders.indices where !onlyEvidence || evidence.contains(orders[place].seq) {
            guard let order = orders.baseAddress.map({ $0 + place }) else { continue }
            seqs.append(order.pointee.seq)
            events.append(TestEvent(.order(TestOrder(order))))
          }
        case .tick(let seq, let clock):
          if onlyEvidence { return }
          seqs.append(seq)
          events.append(TestEvent(.tick(clock)))
        case .gap(let seq, let gap):
          if onlyEvidence { return }
          seqs.append(seq)
          events.append(TestEvent(.gap(from: gap.from, to: gap.to, isFilled: gap.backfilled)))
        }
      }
    }
    for seq in evidence.filter({ $0 < first }).sorted() { try take(seq...seq, onlyEvidence: true) }
    try take(first...max(first, signal.seq), onlyEvidence: false)
    guard seqs.last == signal.seq else {
      throw EventRerun.Missing(
        description:
          "\(reader.path) does not hold event \(signal.seq), at which the signal came: it is older than "
          + "what is kept")
    }
    self.events = events
    missingEvidence = evidence.subtracting(seqs).count
    likely = SignalFlow.likely(events, seqs, signal)
  }

  /// The event behind which everything may count.
  private static func base(_ signal: Signal, _ reader: JournalReader, _ sources: RuleSources) throws -> Int64
  {
    let chain = try sources.heard(by: signal.rule)
    var options = Engine.Options()
    options.among = Set(chain)
    let engine = try Engine(sources, options: options)
    let texts = sources.rules.filter { $0.name == signal.rule } + sources.libraries
    let hasMemory =
      chain.count > 1
      || texts.contains { file in
        (try? LuaParser.parse(file.source, isFile: true)).map { RuleMemory($0).isKept } ?? true
      }
    return try WarmStart(reader, end: signal.seq - 1, hasMemory: hasMemory).base(of: [engine])?.seq ?? 0
  }

  /// The evidence; what the wallet did with the token; all of the wallet and the market.
  private static func likely(_ events: [TestEvent], _ seqs: [Int64], _ signal: Signal) -> [[Int]] {
    let evidence = Set(signal.evidence)
    func places(_ isIn: (TestOrder) -> Bool) -> [Int] {
      events.indices.filter { place in
        evidence.contains(seqs[place]) || events[place].order.map(isIn) ?? false
      }
    }
    return [
      places { _ in false },
      places { $0[.user] == signal.user && $0[.tokenID] == signal.token },
      places { $0[.tokenID] == signal.token }, places { $0[.user] == signal.user },
      places { $0[.user] == signal.user || $0[.marketSlug] == signal.market },
    ]
  }
}

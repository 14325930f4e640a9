import OrderFlow
import RuleEngine
import RuleKit

/// The second of two runs: what decided about each signal that differs, and what prices did after it.
struct ExplainingPass {
  /// A difference to be explained at an event.
  private struct Want {
    var place: Int
    var rule: String
    /// The side that says nothing, nil when both say something.
    var side: DiffSide?
    var id: String
  }

  private let plan: DiffPlan
  private let sets: [DiffSide: RuleSources]
  private let options: RuleSetDiff.Options
  private let kills: [DiffSide: [Kill: String]]

  init(
    _ plan: DiffPlan, _ sets: [DiffSide: RuleSources], _ options: RuleSetDiff.Options,
    kills: [DiffSide: [Kill: String]]
  ) {
    self.plan = plan
    self.sets = sets
    self.options = options
    self.kills = kills
  }

  /// Fills in the readings and outcomes.
  func run(_ differences: inout [SignalDifference], _ flow: DiffFlow, last: Int64) throws {
    let wants = wants(&differences)
    if wants.isEmpty && options.horizon == nil { return }
    let readers = readers(of: Set(wants.values.joined().map(\.rule)))
    func engine(_ side: DiffSide) throws -> Engine {
      try RuleSetDiff.engine(
        sets[side] ?? RuleSources(rules: []), plan, kills: Set((kills[side] ?? [:]).keys),
        instrumented: (readers[side] ?? [:]).mapValues(\.source))
    }
    let pair = EnginePair(before: try engine(.before), after: try engine(.after))
    var prices = PriceWatch(differences.compactMap(\.shown), horizon: options.horizon ?? 0)
    var found: [Int: DecisionReader.Reading] = [:]
    let hooks = FlowPass.Hooks(
      willStop: { seq in
        for rule in Set((wants[seq] ?? []).map(\.rule)) {
          for side in DiffSide.allCases { _ = pair[side].beginTrace(of: rule) }
        }
      },
      didRun: { stop in
        if let stop { read(wants[stop] ?? [], at: stop, pair, readers, &found) }
        if options.horizon == nil { return }
        for order in pair.ordersAfter {
          prices.see(seq: order.seq, time: order.time, price: order.price, token: order.string(.tokenID))
        }
        prices.advance(to: pair.after.clock)
      })
    _ = try FlowPass(pair, stops: Set(wants.keys), hooks).run(flow, hasMemory: plan.hasMemory, last: last)
    for (place, reading) in found { differences[place].reading = reading }
    if options.horizon == nil { return }
    for place in differences.indices {
      differences[place].outcome = differences[place].shown.flatMap { prices.outcome(of: $0.id) }
    }
  }

  /// What is to be explained, by event; what needs no look is filled in at once.
  private func wants(_ differences: inout [SignalDifference]) -> [Int64: [Want]] {
    var wants: [Int64: [Want]] = [:]
    var counts: [[String]: Int] = [:]
    for place in differences.indices {
      guard let signal = differences[place].shown, plan.compared.contains(signal.rule) else { continue }
      let side = differences[place].silentSide
      if let side, sets[side]?.rules.contains(where: { $0.name == signal.rule }) != true {
        differences[place].reading = DecisionReader.absent(rule: signal.rule, side: side)
        continue
      }
      let name = [signal.rule, differences[place].kind.rawValue]
      counts[name, default: 0] += 1
      if counts[name, default: 0] > options.explained { continue }
      wants[signal.seq, default: []].append(
        Want(place: place, rule: signal.rule, side: side, id: signal.id.hex))
    }
    return wants
  }

  /// The texts with probes, by side and rule; a text that is no Lua did not load either.
  private func readers(of rules: Set<String>) -> [DiffSide: [String: DecisionReader]] {
    var readers: [DiffSide: [String: DecisionReader]] = [:]
    for (side, sources) in sets {
      for file in sources.rules where rules.contains(file.name) {
        readers[side, default: [:]][file.name] = try? DecisionReader(
          rule: file.name, text: file.source, side: side)
      }
    }
    return readers
  }

  private func read(
    _ wants: [Want], at seq: Int64, _ pair: EnginePair, _ readers: [DiffSide: [String: DecisionReader]],
    _ found: inout [Int: DecisionReader.Reading]
  ) {
    for rule in Set(wants.map(\.rule)) {
      var traces: [DiffSide: EventTrace] = [:]
      for side in DiffSide.allCases { traces[side] = pair[side].endTrace(of: rule, at: pair.order(side)) }
      for want in wants where want.rule == rule {
        guard let side = want.side else {
          found[want.place] = change(want, traces, pair, readers)
          continue
        }
        guard let reader = readers[side]?[rule], let silent = traces[side] else { continue }
        let other = traces[side == .before ? .after : .before]
        let firing = other.flatMap { DecisionReader.Firing($0, signal: want.id) } ?? .order
        var reading = reader.read(
          silent, signal: want.id, firing: firing, declarations: pair[side].declarations(of: rule),
          killed: kills[side]?[Kill(rule: rule, hook: firing.hook, seq: seq)])
        // What is folded now was said with another severity before, which broke through the hold.
        if reading.decision.kind == .folded { reading.values = change(want, traces, pair, readers)?.values }
        found[want.place] = reading
      }
    }
  }

  private func change(
    _ want: Want, _ traces: [DiffSide: EventTrace], _ pair: EnginePair,
    _ readers: [DiffSide: [String: DecisionReader]]
  ) -> DecisionReader.Reading? {
    guard let old = readers[.before]?[want.rule], let new = readers[.after]?[want.rule],
      let oldTrace = traces[.before], let newTrace = traces[.after]
    else { return nil }
    return DecisionReader.change(
      (old, oldTrace, pair.before.declarations(of: want.rule)),
      (new, newTrace, pair.after.declarations(of: want.rule)), signal: want.id)
  }
}

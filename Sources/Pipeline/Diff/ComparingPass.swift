import OrderFlow
import RuleEngine
import RuleKit

/// The first of two runs: which signals differ.
final class ComparingPass {
  private let plan: DiffPlan
  private let sets: [DiffSide: RuleSources]
  private var ledger = SignalLedger(lateness: Engine.Options().lateness)
  /// What was run over.
  private(set) var flow: DiffReport.Flow
  /// What is to be said about the run.
  private(set) var notes: [String] = []
  /// Calls that the watchdog ended, with its words, so that the second run repeats them.
  private(set) var kills: [DiffSide: [Kill: String]] = [:]
  private var failures: [DiffSide: [String: (count: Int, first: String)]] = [:]

  init(_ plan: DiffPlan, _ sets: [DiffSide: RuleSources], _ flow: DiffFlow) {
    self.plan = plan
    self.sets = sets
    self.flow = DiffReport.Flow(place: flow.place)
  }

  /// How many signals of each rule are the same.
  var same: [String: Int] { ledger.same }

  /// Runs both sets; returns what differs.
  func run(_ flow: DiffFlow, last: Int64) throws -> [SignalDifference] {
    let pair = EnginePair(
      before: try RuleSetDiff.engine(sets[.before] ?? RuleSources(rules: []), plan),
      after: try RuleSetDiff.engine(sets[.after] ?? RuleSources(rules: []), plan))
    let since = flow.since
    let hooks = FlowPass.Hooks(didRun: { _ in self.take(pair, since: since) })
    let figures = try FlowPass(pair, hooks).run(flow, hasMemory: plan.hasMemory, last: last)
    let differences = ledger.finish()
    note(figures, pair)
    return differences
  }

  private func take(_ pair: EnginePair, since: Int64) {
    for order in pair.ordersAfter where order.time >= since { flow.add(order.time) }
    for side in DiffSide.allCases {
      let said = pair.said(side)
      for emitted in said.signals where emitted.signal.time >= since && isCompared(emitted.signal) {
        ledger.add(emitted.signal, settlesAt: emitted.settlesAt, to: side)
      }
      for (id, count) in said.folds { ledger.fold(id, count, on: side) }
      for failure in said.failures {
        let known = failures[side]?[failure.rule] ?? (0, failure.message)
        failures[side, default: [:]][failure.rule] = (known.count + 1, known.first)
        if failure.kind == "killed" {
          let kill = Kill(rule: failure.rule, hook: failure.hook, seq: failure.seq)
          kills[side, default: [:]][kill] = failure.message
        }
      }
    }
    ledger.settle(at: pair.after.clock)
  }

  /// What rules say that only run because others hear them does not count; nor does the engine's word about them.
  private func isCompared(_ signal: Signal) -> Bool {
    plan.compared.contains(signal.rule.hasPrefix("betterbot/") ? signal.key : signal.rule)
  }

  private func note(_ figures: FlowPass.Figures, _ pair: EnginePair) {
    for side in DiffSide.allCases {
      for (rule, failed) in (failures[side] ?? [:]).sorted(by: { $0.key < $1.key }) {
        let times = failed.count == 1 ? "once" : "\(failed.count) times"
        notes.append("\(side.rawValue): \(rule) failed \(times), first: \(failed.first)")
      }
    }
    if figures.rejected > 0 { notes.append("\(figures.rejected) messages are no orders and were left out") }
    if figures.missing > 0 {
      notes.append(
        "the journal lacks \(figures.missing) of the events that count or that windows reach back to "
          + "(replay --journal and live runs store every order)")
    }
    if plan.hasMemory, flow.orders > 0, figures.start > 0 {
      notes.append(
        "some rule keeps something of its own or hears others: it ran from the beginning of the journal")
    }
  }
}

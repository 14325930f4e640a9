import Journal
import OrderFlow
import Pipeline
import Wire
import RuleEngine
import RuleKit

/// Explains what one rule made of one event of a journal.
struct Explanation {
  private let reader: JournalReader
  private let past: PastRules
  private let rule: String
  private let seq: Int64
  private let text: [UInt8]
  private let instrumented: InstrumentedRule
  private let rerun: EventRerun
  private let hasMemory: Bool

  init(_ reader: JournalReader, _ past: PastRules, rule: String, seq: Int64) throws {
    guard let file = past.sources.rules.first(where: { $0.name == rule }) else {
      throw EventRerun.Missing(
        description: "rule set \(past.sources.version) has no rule \(rule)"
          + (past.warning.map { " (\($0))" } ?? ""))
    }
    self.reader = reader
    self.past = past
    self.rule = rule
    self.seq = seq
    text = file.source
    do throws(LuaSyntaxError) {
      instrumented = try InstrumentedRule(file.source)
    } catch {
      let problem = RuleProblem(rule: rule, file: rule + ".lua", line: error.line, message: error.message)
      throw Engine.Refusal(problems: [problem])
    }
    hasMemory =
      RuleMemory(instrumented.chunk).isKept
      || past.sources.libraries.contains { library in
        (try? LuaParser.parse(library.source, isFile: true)).map { RuleMemory($0).isKept } ?? true
      }
    rerun = try EventRerun(
      reader, sources: past.sources, rule: rule, seq: seq, source: instrumented.source, hasMemory: hasMemory)
  }

  /// What made a signal, and whether it came out again.
  func signal(_ stored: Signal, shownOrders: Int) throws -> (WhyReport, isAgain: Bool) {
    let outcome = try rerun.run()
    var report = try makeReport(outcome, shownOrders)
    if !stored.hasOrder { report.order = nil }
    report.head = [
      "\(stored.severity.name) signal \(stored.id.hex) of \(rule)", "  \(stored.title)\(stored.marks)",
      "  \(stored.hasOrder ? "" : "before ")event \(stored.seq), \(EventTime.text(stored.time)) UTC, rule set \(stored.version)",
    ]
    if let data = stored.data { report.head.append("  data \(data)") }
    let call = outcome.trace.calls.firstIndex { call in
      call.verdicts.contains { $0.id == stored.id.hex }
    }
    let last = outcome.trace.calls.indices.last
    report.take(
      outcome.trace, call: call ?? last, of: instrumented, declarations: outcome.declarations)
    if call == nil {
      report.notes.insert(
        "this signal does NOT come out of the journal again; below is what the rule does now", at: 0)
      report.notes += outcome.failures.map(\.message)
    } else {
      report.head.append("  " + again(stored, outcome))
    }
    try addOrders(to: &report)
    return (report, call != nil)
  }

  private func again(_ stored: Signal, _ outcome: EventRerun.Outcome) -> String {
    guard var again = outcome.signals.first(where: { $0.id == stored.id }) else {
      return "came out of the journal again, but was folded into an earlier one: holds reach back further"
    }
    again.foldCount = stored.foldCount
    again.version = stored.version
    again.seq = stored.seq
    again.warming = stored.warming
    if again == stored { return "came out of the journal again, field by field the same" }
    return "came out of the journal again, but not the same in every field: \(again.title)"
  }

  /// Why the rule said nothing about an order.
  func silence(shownOrders: Int) throws -> WhyReport {
    let outcome = try rerun.run()
    guard let order = outcome.order else {
      throw EventRerun.Missing(description: "event \(seq) is no order: it moved the clock, or told of a gap")
    }
    var report = try makeReport(outcome, shownOrders)
    report.order = order
    let calls = outcome.trace.calls
    let call = calls.lastIndex { $0.hook == "on_order" } ?? calls.indices.last
    report.take(outcome.trace, call: call, of: instrumented, declarations: outcome.declarations)
    if let note = try quarantine() { report.notes.append(note) }
    let verdicts = calls.flatMap(\.verdicts)
    report.head = ["\(rule) at order \(seq), rule set \(past.sources.version)"]
    report.head += try verdict(outcome, verdicts).map { "  " + $0 }
    if verdicts.isEmpty, !outcome.trace.isQuarantined, outcome.failures.isEmpty {
      try search(outcome, &report)
    }
    try addOrders(to: &report)
    return report
  }

  /// In a sentence or two, what happened.
  private func verdict(
    _ outcome: EventRerun.Outcome, _ verdicts: [EventTrace.Verdict]
  ) throws -> [String] {
    if !verdicts.isEmpty {
      return verdicts.map { verdict in
        switch verdict {
        case .fired(let id): "it did fire: betterbot why \(id)"
        case .folded(_, let first): "it did say something, but it was folded into \(first)"
        }
      }
    }
    if let failure = outcome.failures.first { return ["it failed at this order: \(failure.message)"] }
    if outcome.trace.isQuarantined { return ["it was quarantined: too many errors before"] }
    if outcome.trace.conditions.contains(where: { !$0.passes }) {
      return ["did not fire: its where did not let the order through"]
    }
    if outcome.trace.calls.isEmpty { return ["did not fire: no hook of it was called for this order"] }
    return ["did not fire"]
  }

  private func search(_ outcome: EventRerun.Outcome, _ report: inout WhyReport) throws {
    let isFiltered = outcome.trace.conditions.contains { !$0.passes }
    if isFiltered {
      // As if it had been let through: what would the hook have said?
      let anyway = try rerun.run(despiteConditions: true)
      let call = anyway.trace.calls.lastIndex { $0.hook == "on_order" }
      guard let call else { return }
      report.take(anyway.trace, call: call, of: instrumented, declarations: anyway.declarations)
      report.notes.append("below is what on_order would have done if `where` had let the order through")
    }
    guard instrumented.depth == .full, let hook = report.hook else { return }
    report.search = try GuardSearch(instrumented, hook: hook, declarations: outcome.declarations) { forcing in
      try rerun.run(forcing: forcing, despiteConditions: isFiltered).trace
    }
  }

  private func makeReport(_ outcome: EventRerun.Outcome, _ shownOrders: Int) throws -> WhyReport {
    var report = WhyReport(rule: rule, text: text)
    report.shownOrders = shownOrders
    report.order = outcome.order
    if let warning = past.warning { report.notes.append(warning) }
    if let oldest = try reader.oldestOrder()?.seq, oldest > 1, hasMemory {
      report.notes.append(
        "the rule keeps something of its own, and the journal begins only at event \(oldest)")
    }
    if hasMemory, outcome.before > 1_000_000 {
      report.notes.append(
        "the rule keeps something of its own: each answer is a run over all \(outcome.before) events before")
    }
    let changes = ["running", "partial", "rolled_back"]
    if hasMemory,
      let last = try reader.reloads(newest: 1000).first(where: {
        changes.contains($0.outcome) && $0.seq < seq
      })
    {
      report.notes.append(
        "the rule keeps something of its own, and the rules changed behind event \(last.seq): what other versions left "
          + "is not in this run")
    }
    if outcome.missing > 0 {
      let held = outcome.before - outcome.missing
      report.notes.append(
        "the journal holds only \(held) of the \(outcome.before) events before it: windows may lack orders")
    }
    return report
  }

  /// A quarantine that may have lasted when the event came; what ended it is known only to the run.
  private func quarantine() throws -> String? {
    let all = try reader.signals(of: "betterbot/quarantine", before: seq, since: .min)
    let last = all.last { $0.signal.key == rule && $0.signal.version == past.sources.version }
    return last.map { "the rule was quarantined at event \($0.signal.seq), and may have been out of service" }
  }

  private func addOrders(to report: inout WhyReport) throws {
    for seq in Set(report.wantedOrders) {
      try reader.orders(in: seq...seq) { report.orders[seq] = OrderFacts(UnsafePointer($0)) }
    }
  }
}

extension EventTrace.Verdict {
  /// The signal's id.
  var id: String {
    switch self {
    case .fired(let id), .folded(let id, _): id
    }
  }
}

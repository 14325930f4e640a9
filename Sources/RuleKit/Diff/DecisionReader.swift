public import RuleEngine

/// Reads from a trace what kept a rule from a signal.
public struct DecisionReader: Sendable {
  /// A call of a hook that gave a signal in another version of the rule.
  public struct Firing: Sendable {
    /// The hook.
    public private(set) var hook: String
    /// Which of the hook's calls at the event.
    var place: Int

    /// Finds it in what the rule did, nil when the signal is not in it.
    public init?(_ trace: EventTrace, signal id: String) {
      guard let call = trace.calls.firstIndex(where: { $0.verdicts.contains(.fired(id: id)) }) else {
        return nil
      }
      hook = trace.calls[call].hook
      let hook = hook
      place = trace.calls[..<call].count { $0.hook == hook }
    }

    /// The first call of on_order.
    public static let order = Firing(hook: "on_order", place: 0)

    private init(hook: String, place: Int) {
      self.hook = hook
      self.place = place
    }
  }

  /// What decided, and how far it was from the other outcome.
  public struct Reading: Equatable, Sendable {
    /// What decided.
    public var decision: Decision
    /// The values that were compared, nil when nothing was.
    public var values: String?
    /// How far off they were.
    public var distance: String?
  }

  /// The rule with probes, to be loaded in its place.
  public var source: InstrumentedSource { instrumented.source }
  private let instrumented: InstrumentedRule
  private let file: String
  private let side: DiffSide
  private let lines: HeaderLines

  /// Reads the text of a rule; throws when it is no Lua.
  public init(rule: String, text: [UInt8], side: DiffSide) throws(LuaSyntaxError) {
    instrumented = try InstrumentedRule(text)
    file = rule + ".lua"
    self.side = side
    lines = HeaderLines(instrumented.chunk)
  }

  /// What kept the rule from signal `id` at the event of a trace; `firing` is the call that gave it elsewhere, and
  /// `killed` what the watchdog said when it ended that call here, which is in no trace of it.
  public func read(
    _ trace: EventTrace, signal id: String, firing: Firing, declarations: RuleDeclarations?,
    killed: String? = nil
  ) -> Reading {
    if trace.isQuarantined { return plain(.quarantined, "it was quarantined: too many errors before") }
    if let killed { return failed(killed) }
    let isFolded = trace.calls.contains { call in
      call.verdicts.contains { if case .folded(id, _) = $0 { true } else { false } }
    }
    if isFolded {
      return plain(.folded, "folded: an earlier signal holds its key", line: lines.line(ofEntry: "dedup"))
    }
    if firing.hook == "on_order", let reading = condition(trace) { return reading }
    let calls = trace.calls.indices.filter { trace.calls[$0].hook == firing.hook }
    guard let call = calls.indices.contains(firing.place) ? calls[firing.place] : calls.last else {
      return plain(.notCalled, "\(firing.hook) was not called" + DecisionReader.why(firing.hook))
    }
    if let failure = trace.calls[call].failure { return failed(failure) }
    guard instrumented.depth == .full,
      let step = GuardSearch.firstStep(trace, call: call, of: instrumented, declarations: declarations)
    else { return plain(.unknown, "\(firing.hook) ended without it, and no condition decided") }
    let wanted = step.check.comparison == nil ? " is \(step.wanted ? "false" : "true")" : ""
    return Reading(
      decision: Decision(
        kind: .condition, side: side, file: file, line: step.line, text: step.check.expression + wanted),
      values: step.check.text, distance: step.distance)
  }

  private static func why(_ hook: String) -> String {
    switch hook {
    case "on_signal": ": no signal that it hears came"
    case "on_sequence": ": no match was complete"
    case "on_close": ": no window ended"
    default: ""
    }
  }

  /// What decided that two versions of a rule say something else in signal `id`: the first condition that both
  /// met once and that came out differently; nil when there is none.
  public static func change(
    _ before: (reader: DecisionReader, trace: EventTrace, declarations: RuleDeclarations?),
    _ after: (reader: DecisionReader, trace: EventTrace, declarations: RuleDeclarations?), signal id: String
  ) -> Reading? {
    let checks = [before, after].map { side -> [Check] in
      let call = side.trace.calls.firstIndex { call in
        call.verdicts.contains { verdict in
          switch verdict {
          case .fired(id), .folded(id, _): true
          default: false
          }
        }
      }
      guard let call else { return [] }
      return CallReading(
        side.trace, call: call, of: side.reader.instrumented, declarations: side.declarations
      ).checks
    }
    func name(_ check: Check) -> [String?] { [check.left.text, check.comparison] }
    let old = Dictionary(grouping: checks[0], by: name)
    let new = Dictionary(grouping: checks[1], by: name)
    for check in checks[1] {
      // Of one in a loop nothing tells which belong together.
      guard let before = old[name(check)], before.count == 1, new[name(check)]?.count == 1,
        before[0].outcome != check.outcome
      else { continue }
      let reader = after.reader
      return Reading(
        decision: Decision(
          kind: .condition, side: .after, file: reader.file, line: check.line, text: check.expression),
        values: "\(before[0].text), now \(check.text)")
    }
    return nil
  }

  /// A signal of a rule that is not in the set.
  public static func absent(rule: String, side: DiffSide) -> Reading {
    Reading(
      decision: Decision(
        kind: .absent, side: side, file: rule + ".lua", line: nil, text: "there is no such rule"))
  }

  /// The condition of a `where` that did not let the order through.
  private func condition(_ trace: EventTrace) -> Reading? {
    guard let failed = trace.conditions.first(where: { !$0.passes }) else { return nil }
    // An aggregate without a value is of a window that did not take the order.
    if failed.value == .nil, let dot = failed.subject.firstIndex(of: ".") {
      let name = String(failed.subject[..<dot])
      let window = trace.windows.first { $0.name == name && $0.group == nil }
      if let inner = window?.conditions.first(where: { !$0.passes }) {
        return reading(
          inner, .window, "window \(name) where ", line: lines.line(of: inner.subject, window: name))
      }
    }
    return reading(failed, .header, "where ", line: lines.line(of: failed.subject))
  }

  private func reading(
    _ outcome: ConditionOutcome, _ kind: Decision.Kind, _ lead: String, line: Int?
  ) -> Reading {
    let check = Check(outcome)
    return Reading(
      decision: Decision(kind: kind, side: side, file: file, line: line, text: lead + check.expression),
      values: Check.withoutOutcome(check), distance: check.distance(to: true))
  }

  /// Messages begin with the file and line where that is known.
  private func failed(_ message: String) -> Reading {
    let first = message.split(whereSeparator: \.isNewline).first.map(String.init) ?? message
    guard first.hasPrefix(file + ":"),
      case let parts = first.dropFirst(file.count + 1).split(separator: ":", maxSplits: 1), parts.count == 2,
      let line = Int(parts[0])
    else { return plain(.failed, "the hook failed: \(first)") }
    return plain(.failed, "the hook failed:\(parts[1])", line: line)
  }

  private func plain(_ kind: Decision.Kind, _ text: String, line: Int? = nil) -> Reading {
    Reading(decision: Decision(kind: kind, side: side, file: file, line: line, text: text))
  }
}

public import COrderFlow
public import OrderFlow
import CRuleVM
import Glibc

/// A rule set over a stream of orders: orders in, signals out. Deterministic, synchronous, without I/O.
///
/// The same orders give the same signals whatever the size of the batches and the number of threads.
/// One thread drives it.
public final class Engine {
  /// How an engine runs.
  public struct Options: Sendable {
    /// How far behind the newest order an order may be without being late, ms.
    public var lateness: Int64 = 5_000
    /// Threads the rules are spread over.
    public var threads = 1
    /// Leave rules out that do not load, instead of refusing the set.
    public var skipsBadRules = false
    /// Load this rule alone; it hears nobody then.
    public var only: String?
    /// Load these rules alone, which may hear each other.
    public var among: Set<String>?
    /// Kills of an earlier run over the same orders, repeated instead of timed anew.
    public var kills: Set<Kill> = []
    /// What a rule may use.
    public var limits = RuleLimits()
    /// Texts with probes that are loaded in the place of rules' own, by rule.
    public var instrumented: [String: InstrumentedSource] = [:]

    /// The defaults.
    public init() {}

    /// Whether a rule of the set is to be loaded.
    func loads(_ rule: String) -> Bool {
      (only == nil || only == rule) && (among?.contains(rule) ?? true)
    }
  }

  /// Why a rule set is refused: every problem of every rule.
  public struct Refusal: Error, Sendable {
    /// In rule order.
    public var problems: [RuleProblem]

    /// A refusal for these reasons.
    public init(problems: [RuleProblem]) { self.problems = problems }
  }

  /// Version of the rule set, sixteen hexadecimal digits.
  public var version: String { ruleSet.version }
  /// Problems of rules that were left out.
  public var skipped: [RuleProblem] { ruleSet.skipped }
  /// Orders that were repeats of earlier ones.
  public var duplicates: UInt64 { admission.pointee.duplicates }
  /// Orders that reached the rules.
  public var orders: UInt64 { admission.pointee.orders }
  /// Repeats folded into earlier signals.
  public private(set) var folded: UInt64 = 0
  /// Event time of the newest order, ms.
  public var clock: Int64 { admission.pointee.clock }

  let options: Options
  let symbols: SharedSymbols
  let admission: UnsafeMutablePointer<Admission>
  /// The rules that run; replaced as a whole between two events.
  var ruleSet: RuleSet
  private var evidence = EvidenceLog()
  /// What is lost of the feeds and not filled, as of the last event.
  var gaps = OpenGaps()

  var runners: [RuleRunner] { ruleSet.runners }
  var labels: LabelTable {
    get { ruleSet.labels }
    set { ruleSet.labels = newValue }
  }

  /// Loads a rule set. Throws every problem of every rule that does not load, unless told to skip them.
  public init(_ sources: RuleSources, options: Options = Options()) throws(Refusal) {
    self.options = options
    symbols = SharedSymbols()
    admission = .allocate(capacity: 1)
    admission.initialize(to: Admission(lateness: options.lateness))
    var loaded: [RuleRunner] = []
    var problems: [RuleProblem] = []
    for file in sources.rules where options.loads(file.name) {
      do throws(RuleProblem) {
        let runner = try RuleLoader.load(file, from: sources, options: options, symbols: symbols)
        runner.killsToRepeat = options.kills.filter { $0.rule == file.name }
        loaded.append(runner)
      } catch {
        problems.append(error)
      }
    }
    let graph = ListenGraph(Dictionary(uniqueKeysWithValues: loaded.map { ($0.id, $0.header.listens) }))
    let deaf = graph.problems(in: sources, only: options.only)
    loaded.removeAll { runner in deaf.contains { $0.rule == runner.id } }
    problems += deaf
    ruleSet = RuleSet(
      version: sources.version, labels: LabelTable(sources.labels), loaded, skipped: problems,
      threads: options.threads)
    if !problems.isEmpty, !options.skipsBadRules { throw Refusal(problems: problems) }
  }

  deinit {
    ruleSet.stop()
    admission.deinitialize(count: 1)
    admission.deallocate()
  }

  /// How many texts have a symbol now.
  var symbolCount: Int { symbols.table.pointee.live }

  /// Ids of the rules that run, sorted.
  public var rules: [String] { runners.map(\.id) }

  /// What each rule has done, in rule order.
  public var totals: [RuleTotals] {
    runners.map { runner in
      var totals = runner.totals
      totals.isQuarantined = runner.isQuarantined
      totals.warmingUntil = runner.isWarming(at: clock) ? runner.warmingUntil : nil
      return totals
    }
  }

  /// Lets the counts of orders, signals and costs begin at nought.
  func restartCounts() {
    folded = 0
    admission.pointee.restartCounts()
    for runner in runners { runner.restartTotals() }
  }

  /// Numbers the next order one more than `base`; before the first batch.
  public func startSequence(after base: Int64) { admission.pointee.sequence = base }

  /// The number of the last order.
  public var lastSequence: Int64 { admission.pointee.sequence }

  // MARK: A batch

  /// Runs the rules over up to 512 orders. Duplicates are taken out of the buffer; what is left is numbered.
  ///
  /// `hashes` are those of the orders, when they are known. `isStored` is asked for the identity of orders that
  /// are late or were read by REST, and that nobody remembers: true makes them repeats. `output` is valid until
  /// the next call.
  public func process(
    _ orders: UnsafeMutableBufferPointer<bb_order>, hashes: UnsafePointer<OrderHashes>? = nil,
    isStored: ((Digest128) -> Bool)? = nil, into output: inout EngineOutput
  ) {
    output.removeAll()
    guard let base = orders.baseAddress, !orders.isEmpty else { return }
    // It looks at the table's slots ahead of their use.
    symbols.enter()
    let count = admission.pointee.admit(base, orders.count, hashes, symbols.table, isStored: isStored)
    symbols.leave()
    output.orderCount = count
    if count > 0 { run(base, count, &output) }
  }

  /// Runs the rules over orders that are numbered and clocked.
  func run(_ base: UnsafeMutablePointer<bb_order>, _ count: Int, _ output: inout EngineOutput) {
    runSet(UnsafePointer(base), count, &output) {
      if symbols.isSweepDue { sweep() }
      intern(base, count)
    }
    keepEvidence(UnsafePointer(base))
  }

  /// Runs every rule over a batch and takes what they say; `prepare` is called when the symbols are the engine's.
  func runSet(
    _ base: UnsafePointer<bb_order>, _ count: Int, _ output: inout EngineOutput, prepare: () -> Void = {}
  ) {
    var said = SaidSignals()
    symbols.enter()
    prepare()
    ruleSet.run(base, count: Int32(count)) { places in emit(of: places, base, &said) }
    symbols.leave()
    said.finish(&output)
    for runner in runners {
      for failure in runner.results.failures {
        var named = failure
        named.version = version
        output.failures.append(named)
      }
    }
    output.failures.sort { ($0.seq, $0.rule) < ($1.seq, $1.rule) }
  }

  /// Gives symbols to the texts that some rule keys by or reads often, and labels to watched wallets.
  private func intern(_ base: UnsafeMutablePointer<bb_order>, _ count: Int) {
    var fields: UInt32 = 0
    for runner in runners { fields |= runner.symbolFields }
    if !labels.isEmpty {
      for place in 0..<count { labels.apply(base + place) }
    }
    if fields != 0 { admission.pointee.intern(base, count, fields: fields, symbols.table) }
  }

  private func sweep() {
    for runner in runners { runner.markSymbols() }
    symbols.table.pointee.sweep()
    for runner in runners { runner.forgetSymbols() }
  }

  private func keepEvidence(_ base: UnsafePointer<bb_order>) {
    guard ruleSet.usesEvidence else { return }
    var places: [Int32] = []
    for runner in runners where !runner.admitted.isEmpty { places.append(contentsOf: runner.admitted) }
    places.sort()
    for place in places { evidence.append(base + Int(place)) }
  }

  /// Calls `body` with an order a signal names as evidence; false when it is no longer kept.
  public func withEvidence(_ seq: Int64, _ body: (UnsafePointer<bb_order>) throws -> Void) rethrows -> Bool {
    try evidence.withOrder(seq, body)
  }

  // MARK: Signals

  /// Makes signals of what rules said in a batch; returns those that others may hear.
  private func emit(
    of places: [Int], _ base: UnsafePointer<bb_order>, _ said: inout SaidSignals
  ) -> [HeardSignal] {
    for place in places {
      let runner = runners[place]
      for draft in runner.results.drafts {
        said.add(emit(runner, draft, base + Int(draft.index)), index: draft.index, rule: place)
      }
      if let index = runner.results.quarantinedAt {
        said.add(.signal(quarantine(runner, base + Int(index), index)), index: index, rule: -1)
      }
    }
    return ruleSet.hasListeners ? said.heard(of: places) : []
  }

  private func quarantine(_ runner: RuleRunner, _ order: UnsafePointer<bb_order>, _ index: Int32)
    -> EmittedSignal
  {
    let event = "\(runner.id) \(Identity.of(order).hex)"
    var signal = Signal(
      id: Identity.ofSignal(rule: "betterbot/quarantine", event: event, ordinal: 0),
      rule: "betterbot/quarantine",
      version: version, seq: order.pointee.seq, time: order.pointee.clock, severity: .high,
      title: "rule \(runner.id) is quarantined: \(FailureWindow.limit) errors in \(FailureWindow.span) events"
    )
    signal.key = runner.id
    return EmittedSignal(signal: signal, index: index, settlesAt: .min, identity: nil)
  }

  private func emit(
    _ runner: RuleRunner, _ draft: SignalDraft, _ order: UnsafePointer<bb_order>
  ) -> SaidSignals.Saying {
    let identity = draft.hasOrder ? Identity.of(order) : nil
    let event = draft.event ?? identity?.hex ?? ""
    let id = Identity.ofSignal(rule: runner.id, event: event, ordinal: draft.ordinal)
    let hasOrder = draft.hasOrder
    var signal = Signal(
      id: id, rule: runner.id, version: version, seq: order.pointee.seq,
      time: hasOrder ? order.pointee.time : draft.time, severity: draft.severity ?? runner.header.severity,
      title: draft.title)
    signal.hasOrder = hasOrder
    signal.late = hasOrder && order.pointee.late != 0
    signal.warming = runner.isWarming(at: order.pointee.clock)
    signal.dataGap = looksOverGap(runner, at: hasOrder ? order.pointee.clock : draft.time)
    signal.confidence = draft.confidence
    signal.action = draft.action
    signal.data = draft.data
    signal.evidence = draft.evidence.isEmpty && hasOrder ? [order.pointee.seq] : draft.evidence
    signal.market = draft.market ?? (hasOrder ? order.pointee.string(.marketSlug) : nil)
    signal.token = draft.token ?? (hasOrder ? order.pointee.string(.tokenID) : nil)
    signal.side = draft.side ?? (hasOrder ? order.pointee.sideName : nil)
    signal.user = hasOrder ? order.pointee.string(.user) : nil
    let dedup = runner.header.dedup
    signal.key = draft.key ?? (hasOrder ? dedup.map { Engine.key($0.keys, order) } : nil) ?? ""
    guard let hold = (draft.hold ?? dedup?.hold).map({ min($0, HeaderReader.longestDuration) }), hold > 0
    else {
      runner.recorder?.verdicts.append(.fired(id: id.hex))
      runner.totals.signals += 1
      return .signal(EmittedSignal(signal: signal, index: draft.index, settlesAt: .min, identity: identity))
    }
    let clock = order.pointee.clock
    let verdict = runner.folder.look(
      key: signal.key, id: id, time: signal.time, clock: clock, hold: hold, severity: signal.severity)
    switch verdict {
    case .fires:
      runner.recorder?.verdicts.append(.fired(id: id.hex))
      let settlesAt = signal.time + hold + options.lateness
      runner.totals.signals += 1
      return .signal(
        EmittedSignal(signal: signal, index: draft.index, settlesAt: settlesAt, identity: identity))
    case .folded(let first, let count):
      runner.recorder?.verdicts.append(.folded(id: id.hex, into: first.hex))
      folded += 1
      return .fold(first, count)
    }
  }

  /// The values of the fields, joined by `|`.
  private static func key(_ fields: [OrderField], _ order: UnsafePointer<bb_order>) -> String {
    fields.map { field in
      if case .text(let name) = field { return order.pointee.string(name) ?? "" }
      let word = field.word(order)
      return field.codes?.first { $0.code == word }?.name ?? "\(word)"
    }.joined(separator: "|")
  }

  // MARK: Logs and state

  /// Lines that rules printed since the last call.
  public func takeLogs() -> [(rule: String, text: String)] {
    runners.compactMap { runner in
      let text = runner.takeLog()
      return text.isEmpty ? nil : (runner.id, text)
    }
  }
}

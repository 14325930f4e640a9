public import COrderFlow
import OrderFlow

/// A rule set that is made ready beside a running engine, to take the place of its rules between two events.
///
/// What is the same in both is left where it is: a rule that has not changed goes on in its VM, and a window
/// whose definition has not changed keeps its contents. Only what is new is loaded, and filled from the journal.
///
/// `@unchecked Sendable`: one thread at a time has it. The one that makes and fills it hands it to the engine's
/// for the swap and gets it back with the answer.
public final class RuleSetDraft: @unchecked Sendable {
  /// The files it was made from.
  public let sources: RuleSources
  /// Version of the set, sixteen hexadecimal digits.
  public let version: String
  /// Ids of rules that are loaded anew, because they are new or changed; sorted.
  public var loaded: [String] { fresh.map(\.id) }
  /// Ids of rules that only the running set has.
  public let removed: [String]
  /// The last event of the journal that was taken.
  public private(set) var lastSequence: Int64 = 0
  /// Whether a rule that can make nothing of its state begins anew instead of stopping the swap.
  public var mayLoseState = false
  /// What a check has to say about changed files that does not stop them, for people.
  public var warnings: [String] = []
  /// What could not be carried over, for people.
  public internal(set) var notes: [String] = []

  let fresh: [RuleRunner]
  let kept: Set<String>
  let options: Engine.Options
  let labels: LabelTable
  /// Whether the watch list is another than that of the running set.
  let hasOtherLabels: Bool
  private let symbols: SharedSymbols
  private let key = SymbolHash.key
  private var clock = Int64.min
  private var missingBefore: Int64?
  private var gaps = OpenGaps()
  private var isOpen = true

  /// Loads every rule that is not the same in the running set, each into a fresh VM.
  public init(_ sources: RuleSources, replacing running: RuleSetOutline) throws(Engine.Refusal) {
    self.sources = sources
    version = sources.version
    labels = LabelTable(sources.labels)
    hasOtherLabels = sources.labels != running.labels
    options = running.options
    symbols = running.symbols
    var fresh: [RuleRunner] = []
    var kept: Set<String> = []
    var problems: [RuleProblem] = []
    for file in sources.rules where options.loads(file.name) {
      let before = running.rules[file.name]
      let seesLabels = hasOtherLabels && before?.usesLabel == true
      if before?.fingerprint == RuleFingerprint.of(file, in: sources), !seesLabels {
        kept.insert(file.name)
        continue
      }
      do throws(RuleProblem) {
        let runner = try RuleLoader.load(file, from: sources, options: options, symbols: symbols)
        runner.prepareToTakeOver(from: before, hasOtherLabels: hasOtherLabels)
        runner.mutedThrough = .max
        runner.isInDraft = true
        fresh.append(runner)
      } catch {
        problems.append(error)
      }
    }
    var listens: [String: [String]] = [:]
    for id in kept { listens[id] = running.rules[id]?.listens }
    for runner in fresh { listens[runner.id] = runner.header.listens }
    problems += ListenGraph(listens).problems(in: sources, only: options.only)
    self.fresh = fresh
    self.kept = kept
    let names = Set(sources.rules.map(\.name))
    removed = running.rules.keys.filter { !names.contains($0) }.sorted()
    symbols.beginDraft()
    if !problems.isEmpty { throw Engine.Refusal(problems: problems) }
  }

  deinit { close() }

  /// Ends the stretch in which symbols are not swept.
  func close() {
    if isOpen { symbols.endDraft() }
    isOpen = false
  }

  // MARK: State

  /// Gives a rule that did not run lately the state it left behind; one that it cannot use is a note.
  public func restore(_ rule: String, _ saved: SavedRule) {
    guard let runner = fresh.first(where: { $0.id == rule }) else { return }
    runner.folder.restore(saved.dedup)
    do throws(RuleProblem) {
      try runner.carry(saved.state, from: saved.stateVersion)
    } catch {
      notes.append("the state of \(rule) begins anew: \(error.message)")
    }
  }

  /// Ids of rules that will have to `migrate` what the running version holds.
  public func migrating(from running: RuleSetOutline) -> [String] {
    mayLoseState
      ? []
      : fresh.filter { runner in
        running.rules[runner.id].map { $0.stateVersion != runner.stateVersion } ?? false
      }.map(\.id)
  }

  /// Tries whether a rule can take over a state; throws what it says against it.
  public func rehearse(_ rule: String, _ saved: SavedRule) throws(RuleProblem) {
    try fresh.first { $0.id == rule }?.carry(saved.state, from: saved.stateVersion)
  }

  // MARK: Windows

  /// Whether some window or sequence has to be filled from the journal.
  public var needsRebuild: Bool { fresh.contains(where: \.needsRebuild) }

  /// How much of the journal decides what those windows hold, ms of event time; nil when all of it may.
  public var memory: Int64? {
    var longest: Int64 = 0
    for runner in fresh {
      let memory = runner.memory(windows: runner.rebuilt, sequences: runner.rebuiltSequences)
      guard let memory else { return nil }
      longest = max(longest, memory)
    }
    return longest + options.lateness
  }

  /// Begins behind event `seq`, with the clock (ms) as it stood then.
  ///
  /// `missingBefore` is the event time before which the journal lacks what came after `seq`; nil when it does not.
  public func begin(after seq: Int64, clock: Int64?, missingBefore: Int64?) {
    lastSequence = seq
    self.missingBefore = missingBefore
    guard let clock else { return }
    self.clock = clock
    for runner in fresh { runner.begin(clock: clock) }
  }

  /// Takes orders of the journal, at most 64 at a time.
  public func take(_ orders: UnsafeMutableBufferPointer<bb_order>) {
    guard let base = orders.baseAddress, let last = orders.last else { return }
    for place in orders.indices {
      clock = max(clock, orders[place].time)
      orders[place].clock = clock
      if !labels.isEmpty { labels.apply(base + place) }
    }
    intern(orders)
    run(UnsafePointer(base), Int32(orders.count))
    lastSequence = last.seq
  }

  /// Takes a tick of the journal.
  public func take(tick seq: Int64, time: Int64) {
    clock = max(clock, time)
    var event = Engine.tickEvent(seq, clock)
    withUnsafePointer(to: &event) { run($0, 1) }
    lastSequence = seq
  }

  /// Takes a gap of the journal: absences over it wait.
  public func take(gap seq: Int64, source: String, from: Int64, to: Int64, backfilled: Bool) {
    recall(gapOf: source, from: from, to: to, backfilled: backfilled)
    let gap = GapEvent(source: source, from: from, to: to, backfilled: backfilled)
    gap.withOrder(seq: seq, clock: clock == .min ? from : clock) { run($0, 1) }
    lastSequence = seq
  }

  /// Takes a gap from before what is taken.
  public func recall(gapOf source: String, from: Int64, to: Int64, backfilled: Bool) {
    gaps.note(source: source, from: from, to: to, backfilled: backfilled)
    for runner in fresh { runner.gaps = gaps }
  }

  /// Notes that everything up to an event was taken, whether or not there was anything for the windows.
  public func skip(to seq: Int64) { lastSequence = max(lastSequence, seq) }

  private func run(_ orders: UnsafePointer<bb_order>, _ count: Int32) {
    // Without the symbols, which keys and values have become: whoever holds them and has to step back for other
    // work on the processor makes the engine wait as well.
    for runner in fresh where runner.needsRebuild { runner.run(orders, count: count) }
  }

  /// Gives symbols to the texts that the windows key by; hashed beforehand, so that the engine does not wait for it.
  private func intern(_ orders: UnsafeMutableBufferPointer<bb_order>) {
    guard let base = orders.baseAddress else { return }
    var left = fresh.reduce(UInt32(0)) { !$1.needsRebuild ? $0 : $0 | $1.header.symbolFields }
    while left != 0 {
      let field = left.trailingZeroBitCount
      left &= left &- 1
      let hashes = orders.indices.map { place -> UInt64 in
        let text = ((base + place).text(.user) + field).pointee
        return text.bytes.map { bb_hash($0, Int(text.count), key) } ?? 0
      }
      symbols.yieldingly { table in
        for place in orders.indices {
          let text = (base + place).text(.user) + field
          guard let bytes = text.pointee.bytes, text.pointee.count > 0 else { continue }
          text.pointee.symbol = table.pointee.symbol(bytes, text.pointee.count, hash: hashes[place])
        }
      }
    }
  }

  /// Before which event time a rule's windows lack what the journal no longer has, nil when they do not.
  func warmingUntil(_ runner: RuleRunner, clock: Int64) -> Int64? {
    guard let missingBefore, runner.needsRebuild, clock != .min else { return nil }
    let windows = runner.rebuilt.map { runner.windows[$0].span }
    let sequences = runner.rebuiltSequences.map { runner.header.sequences[$0].within }
    let span = (windows + sequences).max() ?? 0
    return missingBefore + span > clock ? missingBefore + span : nil
  }
}

import COrderFlow
import CRuleVM
import Glibc
import OrderFlow

/// One loaded rule: its VM, its windows, its timers, and what it has emitted.
///
/// Driven by one thread. The VM calls back into it through `crv_host`; those callbacks only read and write
/// memory of the core and never raise.
final class RuleRunner {
  let id: String
  let header: RuleHeader
  let usesEvidence: Bool
  let lateness: Int64
  /// The symbols of the engine; set before each batch.
  let symbols: UnsafeMutablePointer<SymbolTable>
  let sharedSymbols: SharedSymbols
  /// Tells this rule from another version of it.
  let fingerprint: RuleFingerprint
  /// Names the definitions of its windows and sequences; made once, as it is kept with every state.
  let windowsName: String
  let vm: OpaquePointer
  let hooks: UInt32
  let windows: UnsafeMutablePointer<Window>
  let windowCount: Int
  let sequences: UnsafeMutablePointer<SequenceMachine>
  let sequenceCount: Int
  let sequenceNames: SequenceNames
  /// What is lost of the feeds and not filled, as of the event at hand: absences over it wait.
  var gaps = OpenGaps()
  let conditions: ConditionList
  let groupTests: GroupTests
  var host = crv_host()
  /// Whether every order goes to on_order and nothing else is to be done for it.
  let isDirect: Bool
  /// Whether the order at hand completed a match.
  var hasCompleted = false
  let hasTimers: Bool
  let hasClosingWindows: Bool
  /// Whether every order is kept as evidence, since the rule may name any.
  let keepsEveryOrder: Bool

  /// What the callbacks touch for every order; behind a pointer, so that no access is checked at run time.
  struct Cursor {
    var orders: UnsafePointer<bb_order>?
    var clock = Int64.min
    var nextTimer = Int64.max
  }
  let cursor: UnsafeMutablePointer<Cursor>
  var nextTick: [Int64] = []
  var lists: [crv_group] = []
  var groupOrders: [Int64] = []
  var topItems: [crv_value] = []

  /// Orders that a window took and that a signal may name as evidence, by place in the batch.
  var admitted: [Int32] = []
  var results = RuleResults()
  var isQuarantined = false
  var failures = FailureWindow()
  var folder: SignalFolder
  var totals = RuleTotals(rule: "")
  /// Signals of other rules in the batch, in order, and how many of them were passed on.
  var heard: [HeardSignal] = []
  var nextHeard = 0
  /// Kills of the run that is repeated.
  var killsToRepeat: Set<Kill> = [] {
    didSet {
      hasKillsToRepeat = !killsToRepeat.isEmpty
      host = makeHost()
    }
  }
  var hasKillsToRepeat = false
  /// Calls of hooks before the totals began; wraps below nought for calls of an earlier version.
  var callsBefore: UInt64 = 0
  /// Up to this event the rule has run before: its windows take the orders, its hooks stay silent.
  var mutedThrough = Int64.min
  /// The windows that take orders while the rule is muted; the others will come filled from another version.
  var rebuilt: [Int]
  /// Whether it is run beside the engine, which then does not hold the symbols for it.
  var isInDraft = false
  /// In a draft: for each window and sequence, which of the running version it will be; nil: it is filled anew.
  var movedWindows: [Int?] = []
  var movedSequences: [Int?] = []
  /// Before this event time, ms, the windows lack what the journal no longer had when they were filled.
  var warmingUntil: Int64?
  /// Whether on_order is called for orders that `where` lets not through, to see what it would say.
  var isCalledAnyway = false
  /// Counts what the conditions of the header say of orders, for coverage.
  var counter: ConditionCounter?
  /// Notes what the rule does at one event, for `why`.
  var recorder: CallRecorder? {
    didSet { host = recorder == nil ? makeHost() : makeRecordingHost() }
  }

  /// Loads a rule; the VM is the runner's from here on.
  init(
    id: String, vm: OpaquePointer, header: RuleHeader, usesEvidence: Bool, lateness: Int64,
    symbols: SharedSymbols, fingerprint: RuleFingerprint
  ) {
    self.id = id
    self.vm = vm
    self.header = header
    // A match is the evidence of its signals when they name none.
    self.usesEvidence = usesEvidence || !header.sequences.isEmpty
    self.lateness = lateness
    sharedSymbols = symbols
    self.symbols = symbols.table
    self.fingerprint = fingerprint
    windowsName = RuleFingerprint.name(of: header)
    folder = SignalFolder(lateness: lateness)
    hooks = crv_hooks(vm)
    windowCount = header.windows.count
    rebuilt = Array(0..<windowCount)
    windows = .allocate(capacity: max(windowCount, 1))
    for (place, definition) in header.windows.enumerated() {
      (windows + place).initialize(to: Window(definition))
    }
    sequenceCount = header.sequences.count
    sequences = .allocate(capacity: max(sequenceCount, 1))
    for (place, definition) in header.sequences.enumerated() {
      (sequences + place).initialize(to: SequenceMachine(definition))
    }
    sequenceNames = SequenceNames(header.sequences)
    // Who only hears signals gets their evidence with them.
    keepsEveryOrder = usesEvidence && windowCount == 0 && hooks & UInt32(CRV_HOOK_ORDER) != 0
    conditions = ConditionList(header.conditions)
    groupTests = GroupTests(header.conditions)
    hasClosingWindows = header.windows.contains { $0.closes }
    cursor = .allocate(capacity: 1)
    cursor.initialize(to: Cursor())
    hasTimers = !header.timers.isEmpty
    nextTick = header.timers.map { _ in Int64.max }
    isDirect =
      windowCount == 0 && sequenceCount == 0 && header.conditions.isEmpty && header.timers.isEmpty
      && !usesEvidence && header.listens.isEmpty
    totals.rule = id
    host = makeHost()
  }

  deinit {
    for place in 0..<windowCount { (windows + place).deinitialize(count: 1) }
    windows.deallocate()
    for place in 0..<sequenceCount { (sequences + place).deinitialize(count: 1) }
    sequences.deallocate()
    cursor.deallocate()
    crv_free(vm)
  }

  // MARK: A batch

  /// Runs the rule over a batch whose orders are numbered, clocked and interned.
  func run(_ orders: UnsafePointer<bb_order>, count: Int32) {
    results.removeAll()
    admitted.removeAll(keepingCapacity: true)
    if count == 0 { return }
    cursor.pointee.orders = orders
    defer { heard.removeAll(keepingCapacity: true) }
    if orders.pointee.origin == UInt8(BB_ORIGIN_GAP) { return runGap(orders) }
    if isQuarantined {
      runSilently(orders, 0, count)
      return
    }
    var from = runMuted(orders, count)
    if from == count { return }
    if orders.pointee.origin == UInt8(BB_ORIGIN_TICK) {
      runTick(orders)
      runHeard(0)
      from = count
    }
    while from < count {
      if isQuarantined {
        runSilently(orders, from, count)
        break
      }
      var at: Int32 = 0
      let status =
        hooks & UInt32(CRV_HOOK_ORDER) == 0
        ? advanceOnly(from, count, &at) : crv_run(vm, orders, count, from, &host, &at)
      switch Int(status) {
      case CRV_OK: from = count
      case CRV_STOPPED where isQuarantined:
        // The call that would have been the fifth error; the windows have the order.
        from = at + 1
      case CRV_STOPPED:
        // Behind an order that completed a match there is nothing due yet.
        if at < count, !hasCompleted, !isHeard(at - 1) { runDue(at) }
        from = at
      default:
        fail(at, hook: "on_order")
        from = at + 1
      }
      if hasCompleted { runCompleted(from - 1) }
      if from > 0 { runHeard(from - 1) }
    }
    takeSignals()
    if !isQuarantined { crv_collect(vm) }
    takeTotals()
  }

  /// Lets the totals begin at nought.
  func restartTotals() {
    totals = RuleTotals(rule: id)
    callsBefore = crv_get_stats(vm).calls
  }

  func takeTotals() {
    totals.tooLate = (0..<windowCount).reduce(0) { $0 + windows[$1].tooLate }
    totals.droppedGroups = (0..<windowCount).reduce(0) { $0 + windows[$1].droppedGroups }
    takeSequenceTotals()
    totals.calls = crv_get_stats(vm).calls &- callsBefore
    totals.memoryPeak = crv_get_stats(vm).memory_peak
  }

  /// A rule with timers or closing windows alone needs no Lua for an order.
  func advanceOnly(_ from: Int32, _ count: Int32, _ at: inout Int32) -> Int32 {
    at = from
    while at < count {
      let what = advance(at)
      if what == Int32(CRV_STOP) { return Int32(CRV_STOPPED) }
      at += 1
      if what >= Int32(CRV_CALL_AND_STOP) { return Int32(CRV_STOPPED) }
    }
    return Int32(CRV_OK)
  }

  /// Brings windows and sequences up to an order, unless hooks are due before it; says what becomes of it.
  @inline(__always)
  func advance(_ index: Int32) -> Int32 {
    guard let orders = cursor.pointee.orders else { return 0 }
    let order = orders + Int(index)
    let clock = order.pointee.clock
    if isAnyDue(order) { return Int32(CRV_STOP) }
    cursor.pointee.clock = clock
    if hasTimers, cursor.pointee.nextTimer == .max { scheduleTimers() }
    var took = false
    for place in 0..<windowCount {
      windows[place].advance(order, lateness: lateness)
      if windows[place].current >= 0 { took = true }
    }
    if sequenceCount > 0, advanceSequences(order) { took = true }
    if let counter { counter.note(order, windows, symbols) }
    if usesEvidence, took || keepsEveryOrder { admitted.append(index) }
    let stops = hasCompleted || isHeard(index)
    let skip = Int32(stops ? CRV_SKIP_AND_STOP : CRV_SKIP)
    if !conditions.admits(order) || !groupTests.pass(windows, symbols), !isCalledAnyway { return skip }
    if hasKillsToRepeat, repeatsKill("on_order", index) { return isQuarantined ? Int32(CRV_STOP) : skip }
    return Int32(stops ? CRV_CALL_AND_STOP : CRV_CALL)
  }

  /// Whether hooks are due before an order.
  @inline(__always)
  func isAnyDue(_ order: UnsafePointer<bb_order>) -> Bool {
    let clock = order.pointee.clock
    return clock >= cursor.pointee.nextTimer || (hasClosingWindows && isAnyCloseDue(order))
      || (sequenceCount > 0 && isAnyAbsenceDue(clock))
  }

  /// Whether this call was killed in the run that is repeated; then the failure is repeated too.
  func repeatsKill(_ hook: String, _ index: Int32) -> Bool {
    guard let orders = cursor.pointee.orders,
      killsToRepeat.contains(Kill(rule: id, hook: hook, seq: orders[Int(index)].seq))
    else { return false }
    note(
      index, kind: "killed", hook: hook, message: "\(id).lua: killed, as in the run that is repeated",
      trace: "")
    return true
  }

  @inline(__always)
  func isAnyCloseDue(_ order: UnsafePointer<bb_order>) -> Bool {
    for place in 0..<windowCount {
      if windows[place].isCloseDue(order.pointee.clock, lateness) { return true }
      if windows[place].sessionEnding(for: order) >= 0 { return true }
    }
    return false
  }

  // MARK: Results

  var signalCount: Int { crv_signal_count(vm) }

  func takeSignals() {
    var count = 0
    guard let signals = crv_signals(vm, &count), count > 0 else { return }
    var event = 0
    for place in 0..<count {
      let signal = signals[place]
      if signal.index >= 0 {
        results.drafts.append(SignalDraft(signal))
      } else if event < results.events.count {
        results.drafts.append(SignalDraft(signal, event: results.events[event]))
        event += 1
      }
    }
    crv_clear(vm)
  }

  func fail(_ index: Int32, hook: String) {
    guard let failure = crv_last_failure(vm) else { return }
    let kind =
      switch Int(failure.pointee.kind) {
      case CRV_KILLED: "killed"
      case CRV_MEMORY: "memory"
      case CRV_LIMIT: "limit"
      default: "error"
      }
    note(
      index, kind: kind, hook: hook, message: failure.pointee.message.map { String(cString: $0) } ?? "",
      trace: failure.pointee.trace.map { String(cString: $0) } ?? "")
  }

  func note(_ index: Int32, kind: String, hook: String, message: String, trace: String) {
    guard let orders = cursor.pointee.orders else { return }
    let order = orders + Int(index)
    totals.errors += 1
    if kind == "killed" { totals.kills += 1 }
    results.failures.append(
      RuleFailure(
        rule: id, version: "", seq: order.pointee.seq, kind: kind, hook: hook, message: message, trace: trace,
        order: order.pointee.string(.orderHash) ?? order.pointee.string(.txHash) ?? ""))
    if failures.add(order.pointee.seq) {
      isQuarantined = true
      results.quarantinedAt = index
    }
  }

  /// Lines the rule printed since the last call.
  func takeLog() -> String {
    var count = 0
    guard let text = crv_take_log(vm, &count), count > 0 else { return "" }
    return String(decoding: UnsafeRawBufferPointer(start: text, count: count), as: UTF8.self)
  }

  /// The rule's `state` as bytes.
  func saveState() throws(RuleProblem) -> [UInt8] {
    var count = 0
    guard let bytes = crv_save_state(vm, &count) else {
      let message =
        crv_last_failure(vm)?.pointee.message.map { String(cString: $0) } ?? "state cannot be saved"
      throw RuleProblem(rule: id, file: id + ".lua", line: 0, message: message)
    }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// Puts a saved `state` back.
  func loadState(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { crv_load_state(vm, $0.baseAddress, $0.count) } == Int32(CRV_OK)
  }

  /// Adds the CPU time of the batch that was just run.
  func addTime(_ nanoseconds: UInt64) { totals.nanoseconds += nanoseconds }

  // MARK: Symbols

  /// The text fields that must have symbols before a batch: those that windows and sequences keep, and what Lua
  /// reads often.
  var symbolFields: UInt32 {
    let unique: UInt32 = 1 << UInt32(BB_TX_HASH) | 1 << UInt32(BB_ORDER_HASH)
    return header.symbolFields | (crv_hot_texts(vm) & ~unique)
  }

  /// Marks what windows and sequences refer to, ahead of a sweep.
  func markSymbols() {
    for place in 0..<windowCount { windows[place].mark(symbols.pointee) }
    for place in 0..<sequenceCount { sequences[place].mark(symbols.pointee) }
  }

  /// Forgets cached strings, after a sweep.
  func forgetSymbols() { crv_forget_symbols(vm) }
}

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
  private let vm: OpaquePointer
  private let hooks: UInt32
  private let windows: UnsafeMutablePointer<Window>
  let windowCount: Int
  private let conditions: ConditionList
  private let groupTests: GroupTests
  private var host = crv_host()
  private let isDirect: Bool
  private let hasTimers: Bool
  private let hasClosingWindows: Bool

  /// What the callbacks touch for every order; behind a pointer, so that no access is checked at run time.
  private struct Cursor {
    var orders: UnsafePointer<bb_order>?
    var clock = Int64.min
    var nextTimer = Int64.max
  }
  private let cursor: UnsafeMutablePointer<Cursor>
  private var nextTick: [Int64] = []
  private var lists: [crv_group] = []
  private var sequences: [Int64] = []
  private var topItems: [crv_value] = []

  /// Orders that a window took and that a signal may name as evidence, by place in the batch.
  private(set) var admitted: [Int32] = []
  private(set) var results = RuleResults()
  private(set) var isQuarantined = false
  private var failures = FailureWindow()
  private(set) var totals = RuleTotals(rule: "")
  /// Kills of the run that is repeated.
  var killsToRepeat: Set<Kill> = [] { didSet { hasKillsToRepeat = !killsToRepeat.isEmpty } }
  private var hasKillsToRepeat = false

  /// Loads a rule; the VM is the runner's from here on.
  init(
    id: String, vm: OpaquePointer, header: RuleHeader, usesEvidence: Bool, lateness: Int64,
    symbols: UnsafeMutablePointer<SymbolTable>
  ) {
    self.id = id
    self.vm = vm
    self.header = header
    self.usesEvidence = usesEvidence
    self.lateness = lateness
    self.symbols = symbols
    hooks = crv_hooks(vm)
    windowCount = header.windows.count
    windows = .allocate(capacity: max(windowCount, 1))
    for (place, definition) in header.windows.enumerated() { (windows + place).initialize(to: Window(definition)) }
    conditions = ConditionList(header.conditions)
    groupTests = GroupTests(header.conditions)
    hasClosingWindows = header.windows.contains { $0.closes }
    cursor = .allocate(capacity: 1)
    cursor.initialize(to: Cursor())
    hasTimers = !header.timers.isEmpty
    nextTick = header.timers.map { _ in Int64.max }
    isDirect = windowCount == 0 && header.conditions.isEmpty && header.timers.isEmpty
    totals.rule = id
    host = makeHost()
  }

  deinit {
    for place in 0..<windowCount { (windows + place).deinitialize(count: 1) }
    windows.deallocate()
    cursor.deallocate()
    crv_free(vm)
  }

  // MARK: A batch

  /// Runs the rule over a batch whose orders are numbered, clocked and interned.
  func run(_ orders: UnsafePointer<bb_order>, count: Int32) {
    results.removeAll()
    admitted.removeAll(keepingCapacity: true)
    if isQuarantined || count == 0 { return }
    cursor.pointee.orders = orders
    var from: Int32 = 0
    while from < count, !isQuarantined {
      var at: Int32 = 0
      let status =
        hooks & UInt32(CRV_HOOK_ORDER) == 0 ? advanceOnly(from, count, &at) : crv_run(vm, orders, count, from, &host, &at)
      switch Int(status) {
      case CRV_OK: from = count
      case CRV_STOPPED:
        if !isQuarantined { runDue(at) }
        from = at
      default:
        fail(at, hook: "on_order")
        from = at + 1
      }
    }
    takeSignals()
    if !isQuarantined { crv_collect(vm) }
    totals.tooLate = (0..<windowCount).reduce(0) { $0 + windows[$1].tooLate }
    totals.droppedGroups = (0..<windowCount).reduce(0) { $0 + windows[$1].droppedGroups }
    totals.calls = crv_get_stats(vm).calls
    totals.memoryPeak = crv_get_stats(vm).memory_peak
  }

  /// A rule with timers or closing windows alone needs no Lua for an order.
  private func advanceOnly(_ from: Int32, _ count: Int32, _ at: inout Int32) -> Int32 {
    at = from
    while at < count {
      if advance(at) == 2 { return Int32(CRV_STOPPED) }
      at += 1
    }
    return Int32(CRV_OK)
  }

  /// Brings the windows up to an order. 0: skip it, 1: call on_order, 2: hooks are due before it.
  @inline(__always)
  fileprivate func advance(_ index: Int32) -> Int32 {
    guard let orders = cursor.pointee.orders else { return 0 }
    let order = orders + Int(index)
    let clock = order.pointee.clock
    cursor.pointee.clock = clock
    if clock >= cursor.pointee.nextTimer || (hasClosingWindows && isAnyCloseDue(order)) { return 2 }
    if hasTimers, cursor.pointee.nextTimer == .max { scheduleTimers() }
    var took = false
    for place in 0..<windowCount {
      windows[place].advance(order, lateness: lateness)
      if windows[place].current >= 0 { took = true }
    }
    if usesEvidence, took || windowCount == 0 { admitted.append(index) }
    if !conditions.admits(order) || !groupTests.pass(windows, symbols) { return 0 }
    if hasKillsToRepeat, repeatsKill("on_order", index) { return isQuarantined ? 2 : 0 }
    return 1
  }

  /// Whether this call was killed in the run that is repeated; then the failure is repeated too.
  private func repeatsKill(_ hook: String, _ index: Int32) -> Bool {
    guard let orders = cursor.pointee.orders, killsToRepeat.contains(Kill(rule: id, hook: hook, seq: orders[Int(index)].seq)) else { return false }
    note(index, kind: "killed", hook: hook, message: "\(id).lua: killed, as in the run that is repeated", trace: "")
    return true
  }

  @inline(__always)
  private func isAnyCloseDue(_ order: UnsafePointer<bb_order>) -> Bool {
    for place in 0..<windowCount {
      if windows[place].isCloseDue(cursor.pointee.clock, lateness) { return true }
      if windows[place].sessionEnding(for: order) >= 0 { return true }
    }
    return false
  }

  // MARK: Timers and closing windows

  /// Timers fire at multiples of their interval since the epoch; the first one after the first order.
  private func scheduleTimers() {
    for (place, timer) in header.timers.enumerated() {
      nextTick[place] = (Window.floorDivide(cursor.pointee.clock, timer.interval) + 1) * timer.interval
    }
    cursor.pointee.nextTimer = nextTick.min() ?? .max
  }

  private enum Due {
    case close(window: Int, slot: Int32)
    case timer(Int)
  }

  /// Runs everything that is due before the order at `index`, in the order of its time.
  private func runDue(_ index: Int32) {
    guard let orders = cursor.pointee.orders else { return }
    let order = orders + Int(index)
    while !isQuarantined {
      var due: [(time: Int64, rank: Int, key: [Window.KeyPart], what: Due)] = []
      for place in 0..<windowCount { collectCloses(place, order, &due) }
      for (place, timer) in header.timers.enumerated() where nextTick[place] <= cursor.pointee.clock {
        due.append((nextTick[place], 1000 + place, [], .timer(place)))
        skipMissedTicks(place, timer.interval)
      }
      if due.isEmpty { break }
      due.sort { left, right in
        if left.time != right.time { return left.time < right.time }
        if left.rank != right.rank { return left.rank < right.rank }
        return left.key.lexicographicallyPrecedes(right.key)
      }
      for entry in due where !isQuarantined { runHook(entry.what, at: entry.time, index) }
      for place in 0..<windowCount { windows[place].refreshNextClose() }
    }
    cursor.pointee.nextTimer = nextTick.min() ?? .max
  }

  private func collectCloses(
    _ place: Int, _ order: UnsafePointer<bb_order>,
    _ due: inout [(time: Int64, rank: Int, key: [Window.KeyPart], what: Due)]
  ) {
    var slots: [(Int32, Int64)] = []
    windows[place].forEachDue(cursor.pointee.clock, lateness) { slots.append(($0, $1)) }
    let ending = windows[place].sessionEnding(for: order)
    if ending >= 0, !slots.contains(where: { $0.0 == ending }) { slots.append((ending, order.pointee.time)) }
    for (slot, end) in slots {
      due.append((end, place, windows[place].keyParts(slot, symbols.pointee), .close(window: place, slot: slot)))
    }
  }

  /// After a jump of the clock at most a thousand ticks are made up for; the rest is counted.
  private func skipMissedTicks(_ place: Int, _ interval: Int64) {
    nextTick[place] += interval
    let missed = (cursor.pointee.clock - nextTick[place]) / interval
    if missed > 1000 {
      totals.skippedTicks += UInt64(missed - 1000)
      nextTick[place] += (missed - 1000) * interval
    }
  }

  private func runHook(_ what: Due, at time: Int64, _ index: Int32) {
    var status: Int32 = 0
    let before = signalCount
    let event: String
    let hook: String
    switch what {
    case .timer(let place):
      let name = header.timers[place].name
      event = "timer \(name) \(time)"
      hook = "on_timer"
      if !repeatsKill(hook, index) { status = crv_run_timer(vm, name, time, &host) }
    case .close(let window, let slot):
      let group = windows[window].groups[Int(slot)]
      event = "close \(header.windows[window].name) \(group.start) \(keyText(window, slot))"
      hook = "on_close"
      if hooks & UInt32(CRV_HOOK_CLOSE) != 0, group.count > 0, !repeatsKill(hook, index) {
        let named = crv_group(window: UInt32(window), index: UInt32(slot), generation: group.generation)
        status = crv_run_close(vm, named, time, &host)
      }
      windows[window].free(slot)
    }
    if Int(status) != CRV_OK { fail(index, hook: hook) }
    for _ in before..<signalCount { results.events.append((event, time, index)) }
  }

  private func keyText(_ window: Int, _ slot: Int32) -> String {
    windows[window].keyParts(slot, symbols.pointee).map { part in
      switch part {
      case .number(let value): "\(value)"
      case .text(let bytes): String(decoding: bytes, as: UTF8.self)
      }
    }.joined(separator: "|")
  }

  // MARK: Results

  private var signalCount: Int { crv_signal_count(vm) }

  private func takeSignals() {
    var count = 0
    guard let signals = crv_signals(vm, &count), count > 0 else { return }
    var event = 0
    for place in 0..<count {
      let signal = signals[place]
      if signal.index >= 0 {
        results.drafts.append(SignalDraft(signal, index: signal.index, event: nil, time: 0))
      } else if event < results.events.count {
        let (name, time, index) = results.events[event]
        results.drafts.append(SignalDraft(signal, index: index, event: name, time: time))
        event += 1
      }
    }
    crv_clear(vm)
  }

  private func fail(_ index: Int32, hook: String) {
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

  private func note(_ index: Int32, kind: String, hook: String, message: String, trace: String) {
    guard let orders = cursor.pointee.orders else { return }
    let order = orders + Int(index)
    totals.errors += 1
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
      let message = crv_last_failure(vm)?.pointee.message.map { String(cString: $0) } ?? "state cannot be saved"
      throw RuleProblem(rule: id, file: id + ".lua", line: 0, message: message)
    }
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// Puts a saved `state` back.
  func loadState(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBufferPointer { crv_load_state(vm, $0.baseAddress, $0.count) } == Int32(CRV_OK) }

  /// Adds the CPU time of the batch that was just run.
  func addTime(_ nanoseconds: UInt64) { totals.nanoseconds += nanoseconds }

  // MARK: Symbols

  /// The text fields that must have symbols before a batch: keys and values of windows, and what Lua reads often.
  var symbolFields: UInt32 {
    let unique: UInt32 = 1 << UInt32(BB_TX_HASH) | 1 << UInt32(BB_ORDER_HASH)
    return header.symbolFields | (crv_hot_texts(vm) & ~unique)
  }

  /// Marks what the windows refer to, ahead of a sweep.
  func markSymbols() {
    for place in 0..<windowCount { windows[place].mark(symbols.pointee) }
  }

  /// Forgets cached strings, after a sweep.
  func forgetSymbols() { crv_forget_symbols(vm) }
}

// MARK: Callbacks

extension RuleRunner {
  private func makeHost() -> crv_host {
    let advanceCallback: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { context, index in
      RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.advance(index) }
    }
    return crv_host(
      context: Unmanaged.passUnretained(self).toOpaque(),
      advance: isDirect ? nil : advanceCallback,
      current: { context, window, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.current(Int(window), out) }
      },
      find: { context, window, key, count, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.find(Int(window), key, count, out) }
      },
      list: { context, window, count in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.list(Int(window), count) }
      },
      aggregate: { context, group, number, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.aggregate(group, Int(number), out) }
      },
      key: { context, group, number, out in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.key(group, Int(number), out) }
      },
      orders: { context, group, count in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.sequences(group, count) }
      },
      truncated: { context, group in
        RuleRunner.from(context)._withUnsafeGuaranteedRef { $0.truncated(group) }
      })
  }

  /// The context is always the runner that passed itself, which outlives every call into its VM.
  private static func from(_ context: UnsafeMutableRawPointer?) -> Unmanaged<RuleRunner> {
    guard let context else { preconditionFailure("crv_host without a context") }
    return Unmanaged.fromOpaque(context)
  }

  private func name(_ window: Int, _ slot: Int32) -> crv_group {
    crv_group(
      window: UInt32(window), index: UInt32(slot), generation: windows[window].groups[Int(slot)].generation)
  }

  private func slot(_ group: crv_group) -> Int32? {
    let window = Int(group.window)
    guard window < windowCount, Int(group.index) < windows[window].used,
      windows[window].groups[Int(group.index)].generation == group.generation
    else { return nil }
    return Int32(group.index)
  }

  private func current(_ window: Int, _ out: UnsafeMutablePointer<crv_group>?) -> Int32 {
    guard window < windowCount, windows[window].current >= 0 else { return 0 }
    out?.pointee = name(window, windows[window].current)
    return 1
  }

  private func find(
    _ window: Int, _ key: UnsafePointer<crv_value>?, _ count: Int, _ out: UnsafeMutablePointer<crv_group>?
  ) -> Int32 {
    guard window < windowCount, let key, count == header.windows[window].keys.count else { return 0 }
    var words: [Int64] = []
    for place in 0..<count {
      guard let word = word(key[place], header.windows[window].keys[place].field) else { return 0 }
      words.append(word)
    }
    var bucket: Int64 = 0
    if case .tumbling(let width) = header.windows[window].shape { bucket = Window.floorDivide(cursor.pointee.clock, width) * width }
    words.append(bucket)
    let slot = words.withUnsafeBufferPointer { buffer -> Int32 in
      guard let base = buffer.baseAddress else { return -1 }
      return windows[window].lookUp(base, Window.hash(base, buffer.count))
    }
    guard slot >= 0 else { return 0 }
    if case .sliding(let span) = header.windows[window].shape { windows[window].expire(slot, before: cursor.pointee.clock - span) }
    if windows[window].groups[Int(slot)].count == 0 { return 0 }
    out?.pointee = name(window, slot)
    return 1
  }

  private func word(_ value: crv_value, _ field: OrderField) -> Int64? {
    switch field {
    case .integer: return Int(value.kind) == CRV_INTEGER ? value.as.integer : nil
    case .late: return Int(value.kind) == CRV_BOOLEAN ? value.as.integer : nil
    default: break
    }
    if Int(value.kind) == CRV_NIL { return 0 }
    guard Int(value.kind) == CRV_TEXT, let bytes = value.as.text.bytes else { return nil }
    if let codes = field.codes {
      let text = String(decoding: UnsafeBufferPointer(start: bytes, count: value.as.text.count), as: UTF8.self)
      return codes.first { $0.name == text }?.code
    }
    let hash = SymbolHash.of(bytes, value.as.text.count)
    let symbol = symbols.pointee.find(bytes, value.as.text.count, hash: hash)
    return symbol == 0 ? nil : Int64(symbol)
  }

  private func list(_ window: Int, _ count: UnsafeMutablePointer<Int>?) -> UnsafePointer<crv_group>? {
    guard window < windowCount else { return nil }
    lists = windows[window].sortedGroups(clock: cursor.pointee.clock, symbols: symbols.pointee).map { name(window, $0) }
    count?.pointee = lists.count
    // The array is a member and not touched until the next call, so its storage stays where it is.
    return lists.withUnsafeBufferPointer { $0.baseAddress }
  }

  private func aggregate(
    _ group: crv_group, _ number: Int, _ out: UnsafeMutablePointer<crv_value>?
  ) -> UnsafePointer<CChar>? {
    guard let slot = slot(group), let out else { return RuleRunner.gone }
    let window = Int(group.window)
    switch windows[window].value(number, of: slot, symbols: symbols.pointee) {
    case .none: out.pointee.kind = UInt8(CRV_NIL)
    case .integer(let value): set(out, integer: value)
    case .number(let value):
      out.pointee.kind = UInt8(CRV_NUMBER)
      out.pointee.as.number = value
    case .symbol(let word): set(out, symbol: word)
    case .top(let pairs): set(out, top: pairs, window: window, number: number)
    case .failure(let reason):
      return UnsafeRawPointer(reason.utf8Start).assumingMemoryBound(to: CChar.self)
    }
    return nil
  }

  private static var gone: UnsafePointer<CChar> {
    let text: StaticString = "this group is gone: groups are valid during the call that got them"
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  private func set(_ out: UnsafeMutablePointer<crv_value>, integer: Int64) {
    out.pointee.kind = UInt8(CRV_INTEGER)
    out.pointee.as.integer = integer
  }

  private func set(_ out: UnsafeMutablePointer<crv_value>, symbol word: Int64) {
    let text = symbols.pointee.text(UInt32(truncatingIfNeeded: word))
    if text.isEmpty {
      out.pointee.kind = UInt8(CRV_NIL)
      return
    }
    out.pointee.kind = UInt8(CRV_TEXT)
    out.pointee.symbol = UInt32(truncatingIfNeeded: word)
    out.pointee.as.text.bytes = text.baseAddress
    out.pointee.as.text.count = text.count
  }

  private func set(
    _ out: UnsafeMutablePointer<crv_value>, top pairs: [(label: Int64, weight: Int64)], window: Int, number: Int
  ) {
    var isText = false
    if case .top(let label, _, _) = header.windows[window].aggregates[number].aggregate {
      isText = !header.windows[window].values[label].isInteger
    }
    topItems = Array(repeating: crv_value(), count: pairs.count * 2)
    topItems.withUnsafeMutableBufferPointer { items in
      guard let base = items.baseAddress else { return }
      for (place, pair) in pairs.enumerated() {
        if isText { set(base + 2 * place, symbol: pair.label) } else { set(base + 2 * place, integer: pair.label) }
        set(base + 2 * place + 1, integer: pair.weight)
      }
    }
    out.pointee.kind = UInt8(CRV_LIST)
    out.pointee.as.list.items = topItems.withUnsafeBufferPointer { $0.baseAddress }
    out.pointee.as.list.count = pairs.count
  }

  private func key(_ group: crv_group, _ number: Int, _ out: UnsafeMutablePointer<crv_value>?) -> UnsafePointer<CChar>? {
    guard let slot = slot(group), let out else { return RuleRunner.gone }
    let window = Int(group.window)
    let word = windows[window].keys[Int(slot) * windows[window].keyCount + number]
    let field = header.windows[window].keys[number].field
    if let codes = field.codes {
      guard let name = codes.first(where: { $0.code == word })?.name else { return nil }
      set(out, code: name)
    } else if case .text = field {
      set(out, symbol: word)
    } else {
      set(out, integer: word)
      if case .late = field { out.pointee.kind = UInt8(CRV_BOOLEAN) }
    }
    return nil
  }

  private func set(_ out: UnsafeMutablePointer<crv_value>, code name: String) {
    let text: StaticString =
      switch name {
      case "BUY": "BUY"
      case "SELL": "SELL"
      case "polymarket": "polymarket"
      case "kalshi": "kalshi"
      case "taker": "taker"
      default: "maker"
      }
    out.pointee.kind = UInt8(CRV_TEXT)
    out.pointee.as.text.bytes = text.utf8Start
    out.pointee.as.text.count = text.utf8CodeUnitCount
  }

  private func sequences(_ group: crv_group, _ count: UnsafeMutablePointer<Int>?) -> UnsafePointer<Int64>? {
    count?.pointee = 0
    guard let slot = slot(group) else { return nil }
    sequences = windows[Int(group.window)].sequences(slot)
    count?.pointee = sequences.count
    return sequences.withUnsafeBufferPointer { $0.baseAddress }
  }

  private func truncated(_ group: crv_group) -> Int32 {
    guard let slot = slot(group) else { return 0 }
    return windows[Int(group.window)].isTruncated(slot, clock: cursor.pointee.clock) ? 1 : 0
  }
}

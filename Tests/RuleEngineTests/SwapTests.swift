import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Swapping rule sets")
struct SwapTests {
  private static func sources(_ rules: [String: String], parameters: [String: [String: String]] = [:])
    -> RuleSources
  {
    var kit = TestEngine(rules: rules)
    kit.parameters = parameters
    return kit.sources
  }

  /// Swaps as a live run does: the draft is filled from the log, catches up, and takes over.
  private static func swap(_ drive: inout Drive, _ log: EventLog, to sources: RuleSources) throws {
    let draft = try RuleSetDraft(sources, replacing: drive.engine.outline)
    if draft.needsRebuild {
      draft.begin(after: 0, clock: nil, missingBefore: nil)
      log.fill(draft, after: 0)
    }
    _ = try drive.engine.swap(to: draft)
  }

  /// Signals without their version: what is the same whichever version said it.
  private static func said(_ signals: [Signal]) -> [Signal] {
    signals.map { signal in
      var signal = signal
      signal.version = ""
      return signal
    }
  }

  @Test("reloading with the same definitions after any event changes no signal", arguments: 1...20)
  func sameDefinitions(seed: Int) throws {
    let events = Drive.events(UInt64(seed), 300)
    var whole = Drive(engine: try Engine(Self.sources(RestoreTests.rules)))
    var wholeLog = EventLog()
    whole.feed(events[...], batch: 16, &wholeLog)

    var random = SeededRandom(UInt64(seed) + 77)
    // The rule that fails is left as it is: a new version of it would be let out of its quarantine.
    var edited = RestoreTests.rules
    for rule in ["a_windows", "b_state", "b_steps"] { edited[rule, default: ""] += "\n-- edited\n" }
    let cuts = [Int.random(in: 0...300, using: &random), Int.random(in: 0...300, using: &random)].sorted()
    var drive = Drive(engine: try Engine(Self.sources(RestoreTests.rules)))
    var log = EventLog()
    drive.feed(events[..<cuts[0]], batch: 16, &log)
    let isSame = drive.engine.totals.allSatisfy { !$0.isQuarantined }
    try Self.swap(&drive, log, to: Self.sources(edited))
    drive.feed(events[cuts[0]..<cuts[1]], batch: 7, &log)
    try Self.swap(&drive, log, to: Self.sources(RestoreTests.rules))
    drive.feed(events[cuts[1]...], batch: 16, &log)

    let others = { (signals: [Signal]) in
      Self.said(signals).filter { isSame || ($0.rule != "c_fails" && $0.key != "c_fails") }
    }
    let mended = { (signals: [Signal]) in signals.filter { $0.rule != "c_fails" && $0.key != "c_fails" } }
    #expect(mended(others(drive.signals)) == mended(others(whole.signals)))
    #expect(drive.folds == whole.folds)
  }

  private static func windowRule(span: String, min: Int = 3) -> String {
    """
    local R = rule { title = 'w', params = { least = param.int(\(min)) },
      windows = {
        s = window.sliding { by = {'user'}, span = '\(span)', agg = { n = count(), usd = sum 'usd' } },
        u = window.tumbling { by = {'token_id'}, span = '\(span)', agg = { n = count() } } } }
    function R.on_order(o, w)
      if w.s.n >= R.params.least then signal { title = w.s.n .. ' ' .. w.s.usd } end
    end
    function R.on_close(name, key, g) signal { title = name .. ' ' .. g.n .. ' ' .. key.token_id } end
    return R
    """
  }

  @Test(
    "after a change of a window's span the signals are those of a run with it from the start",
    arguments: 1...20)
  func changedSpan(seed: Int) throws {
    let events = Drive.events(UInt64(seed) + 100, 300)
    var random = SeededRandom(UInt64(seed))
    let cut = Int.random(in: 1...300, using: &random)
    let (before, after) = seed % 2 == 0 ? ("30s", "70s") : ("50s", "20s")
    var whole = Drive(engine: try Engine(Self.sources(["w": Self.windowRule(span: after)])))
    var log = EventLog()
    whole.feed(events[..<cut], batch: 16, &log)
    let already = whole.signals.count
    whole.feed(events[cut...], batch: 16, &log)

    log = EventLog()
    var drive = Drive(engine: try Engine(Self.sources(["w": Self.windowRule(span: before)])))
    drive.feed(events[..<cut], batch: 16, &log)
    let old = drive.signals.count
    try Self.swap(&drive, log, to: Self.sources(["w": Self.windowRule(span: after)]))
    drive.feed(events[cut...], batch: 16, &log)
    #expect(Self.said(Array(drive.signals[old...])) == Self.said(Array(whole.signals[already...])))
  }

  @Test(
    "after a change of a sequence the signals are those of a run with it from the start", arguments: 1...20)
  func changedSequence(seed: Int) throws {
    let events = Drive.events(UInt64(seed) + 200, 300)
    var random = SeededRandom(UInt64(seed))
    let cut = Int.random(in: 1...300, using: &random)
    let steps = RestoreTests.rules["b_steps"] ?? ""
    let after = ["w": steps.replacing("dedup = { by = {'user'}, hold = '10s' },", with: "")]
    let before = after.mapValues { $0.replacing("within = '30s'", with: "within = '12s'") }
    #expect(before != after && after["w"] != steps)
    var whole = Drive(engine: try Engine(Self.sources(after)))
    var log = EventLog()
    whole.feed(events[..<cut], batch: 16, &log)
    let already = whole.signals.count
    whole.feed(events[cut...], batch: 16, &log)

    log = EventLog()
    var drive = Drive(engine: try Engine(Self.sources(before)))
    drive.feed(events[..<cut], batch: 16, &log)
    let draft = try RuleSetDraft(Self.sources(after), replacing: drive.engine.outline)
    #expect(draft.fresh[0].rebuiltSequences == [0] && draft.fresh[0].movedSequences == [nil, 1])
    #expect(draft.needsRebuild && draft.memory == 35_001)
    draft.close()
    let old = drive.signals.count
    try Self.swap(&drive, log, to: Self.sources(after))
    drive.feed(events[cut...], batch: 16, &log)
    #expect(Self.said(Array(drive.signals[old...])) == Self.said(Array(whole.signals[already...])))
  }

  @Test("a changed parameter rebuilds nothing, and what is the same stays in its VM")
  func parameter() throws {
    let rules = ["w": Self.windowRule(span: "30s"), "b_state": RestoreTests.rules["b_state"]!]
    let engine = try Engine(Self.sources(rules))
    let draft = try RuleSetDraft(
      Self.sources(rules, parameters: ["w": ["least": "5"]]), replacing: engine.outline)
    #expect(draft.loaded == ["w"])
    #expect(!draft.needsRebuild)
    #expect(draft.version != engine.version)
  }

  @Test("one window that differs is filled anew while the others move")
  func partly() throws {
    let engine = try Engine(Self.sources(["w": Self.windowRule(span: "30s")]))
    let text = Self.windowRule(span: "30s").replacing(
      "span = '30s', agg = { n = count(), ", with: "span = '40s', agg = { n = count(), ")
    let draft = try RuleSetDraft(Self.sources(["w": text]), replacing: engine.outline)
    #expect(draft.needsRebuild)
    #expect(draft.fresh[0].rebuilt == [0])
    #expect(draft.memory == 45_000)
  }

  @Test("a window that got another name moves too")
  func renamed() throws {
    let engine = try Engine(Self.sources(["w": Self.windowRule(span: "30s")]))
    let text = Self.windowRule(span: "30s").replacing("s = window", with: "t = window").replacing(
      "w.s.", with: "w.t.")
    let draft = try RuleSetDraft(Self.sources(["w": text]), replacing: engine.outline)
    #expect(!draft.needsRebuild)
    #expect(draft.fresh[0].movedWindows == [0, 1])
  }

  @Test("a window that asks for a label is filled with the labels of the new watch list")
  func labels() throws {
    let text = { (span: String) in
      """
      local R = rule { title = 'l', windows = { s = window.sliding {
        by = {'label'}, span = '\(span)', where = { label = 'whale' }, agg = { n = count() } } } }
      function R.on_order(o, w) if w.s then signal { title = 'n ' .. w.s.n } end end
      return R
      """
    }
    var kit = TestEngine(rules: ["l": text("1h")])
    kit.labels = ["u1": "whale"]
    var drive = Drive(engine: try Engine(kit.sources))
    var log = EventLog()
    let events = { (start: Int, users: [String]) in
      users.enumerated().map { place, user in
        Drive.Event.order(
          TestOrder(1_000_000 + Int64(start + place)) {
            $0.user = user
            $0.transaction = "0x\(start + place)"
          })
      }
    }
    drive.feed(events(0, ["u1", "u2", "u1", "u2", "u2"])[...], batch: 2, &log)
    kit.rules = ["l": text("2h")]
    kit.labels = ["u2": "whale"]
    try Self.swap(&drive, log, to: kit.sources)
    drive.feed(events(10, ["u1", "u2"])[...], batch: 2, &log)
    #expect(drive.signals.map(\.title) == ["n 1", "n 2", "n 4"])
  }

  // MARK: State

  private static func counter(_ body: String, version: Int = 1) -> String {
    """
    local R = rule { title = 'c' }
    R.state_version = \(version)
    \(body)
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      signal { title = 'n ' .. tostring(state.n) .. ' ' .. tostring(state.unit) }
    end
    return R
    """
  }

  private static func drive(_ source: String, orders: Int) throws -> Drive {
    var drive = Drive(engine: try Engine(sources(["c": source])))
    var log = EventLog()
    drive.feed(
      (0..<orders).map { place in
        .order(TestOrder(1_000_000 + Int64(place) * 1000) { $0.transaction = "0x\(place)" })
      }[...], batch: 4, &log)
    return drive
  }

  private static func next(_ drive: inout Drive) -> String? {
    var log = EventLog()
    drive.feed([.order(TestOrder(2_000_000) { $0.transaction = "0xnext" })][...], batch: 1, &log)
    return drive.signals.last?.title
  }

  @Test("state is carried from version to version")
  func carried() throws {
    var drive = try Self.drive(Self.counter(""), orders: 5)
    try Self.swap(&drive, EventLog(), to: Self.sources(["c": Self.counter("-- edited")]))
    #expect(Self.next(&drive) == "n 6 nil")
  }

  @Test("state of another shape goes through migrate")
  func migrated() throws {
    var drive = try Self.drive(Self.counter(""), orders: 5)
    let text = Self.counter(
      "function R.migrate(old, from) return { n = old.n * 100, unit = 'cents of v' .. from } end", version: 2)
    try Self.swap(&drive, EventLog(), to: Self.sources(["c": text]))
    #expect(Self.next(&drive) == "n 501 cents of v1")
  }

  @Test(
    "a migrate that does not work leaves the old version as it was",
    arguments: [
      ("", "state_version went from 1 to 2"), ("function R.migrate() error('no way') end", "no way"),
      ("function R.migrate() return 5 end", "must return the new state"),
      ("function R.migrate() return { f = print } end", "state.f"),
      ("function R.migrate() while true do end end", "CPU"),
      ("function R.migrate() signal { title = 'x' } return {} end", "migrate has none"),
    ])
  func badMigrate(body: String, message: String) throws {
    var drive = try Self.drive(Self.counter(""), orders: 5)
    let version = drive.engine.version
    let draft = try RuleSetDraft(
      Self.sources(["c": Self.counter(body, version: 2)]), replacing: drive.engine.outline)
    #expect(draft.migrating(from: drive.engine.outline) == ["c"])
    let problem = #expect(throws: RuleProblem.self) { _ = try drive.engine.swap(to: draft) }
    #expect(problem?.message.contains(message) == true, "\(problem?.message ?? "")")
    #expect(drive.engine.version == version)
    #expect(Self.next(&drive) == "n 6 nil")
  }

  @Test("a state that cannot be kept does not stop the version that mends it")
  func unsaveable() throws {
    var drive = try Self.drive(Self.counter("state.f = function() end"), orders: 3)
    let draft = try RuleSetDraft(Self.sources(["c": Self.counter("")]), replacing: drive.engine.outline)
    _ = try drive.engine.swap(to: draft)
    #expect(draft.notes.first?.contains("begins anew") == true)
    #expect(Self.next(&drive) == "n 1 nil")
  }

  @Test("what is held by dedup stays held, and a quarantined rule runs again with its windows")
  func holdsAndQuarantine() throws {
    let text = { (fails: Bool) in
      """
      local R = rule { title = 'q', dedup = { by = {'user'}, hold = '1h' },
        windows = { s = window.sliding { by = {'user'}, span = '1h', agg = { n = count() } } } }
      function R.on_order(o, w)
        if \(fails) and o.seq > 1 then error('x') end
        signal { title = 'n ' .. w.s.n, hold = o.user == 'free' and '0s' or nil }
      end
      return R
      """
    }
    var drive = Drive(engine: try Engine(Self.sources(["q": text(true)])))
    var log = EventLog()
    drive.feed(
      (0..<20).map { place in .order(TestOrder(1_000_000 + place) { $0.transaction = "0x\(place)" }) }[...],
      batch: 3, &log)
    #expect(drive.engine.totals[0].isQuarantined)
    try Self.swap(&drive, log, to: Self.sources(["q": text(false)]))
    #expect(!drive.engine.totals[0].isQuarantined)
    drive.feed([.order(TestOrder(1_000_100) { $0.transaction = "0xn" })][...], batch: 1, &log)
    #expect(drive.folds.values.max() == 1)
    let draft = try RuleSetDraft(Self.sources(["q": text(true) + "--"]), replacing: drive.engine.outline)
    #expect(!draft.needsRebuild)
    var check = EngineOutput()
    let laid = OrderBatch(
      [
        TestOrder(1_000_200) {
          $0.transaction = "0xm"; $0.user = "0xa"
        }
      ][...])
    drive.engine.process(UnsafeMutableBufferPointer(rebasing: laid.orders[..<1]), into: &check)
    #expect(check.folds.map(\.count) == [2])
  }

  @Test("a draft that does not load names every problem, and the running set does not notice")
  func refused() throws {
    let engine = try Engine(Self.sources(RestoreTests.rules))
    var bad = RestoreTests.rules
    bad["a_windows"] = "local R = rule {"
    bad["d"] = "while true do end"
    let refusal = #expect(throws: Engine.Refusal.self) {
      try RuleSetDraft(Self.sources(bad), replacing: engine.outline)
    }
    #expect(refusal?.problems.map(\.rule) == ["a_windows", "d"])
    #expect(engine.rules == RestoreTests.rules.keys.sorted())
  }

  // MARK: What a crash behind a swap must find

  @Test(
    "rules that would not come out the same behind a swap are named: those that hear, failed, or see other labels"
  )
  func unrepeatable() throws {
    let ear = "local R = rule { title = 'e', listens = { 'w' } }\nfunction R.on_signal(s) end\nreturn R\n"
    let rules = RestoreTests.rules.merging(["w": Self.windowRule(span: "30s"), "ear": ear]) { $1 }
    var drive = Drive(engine: try Engine(Self.sources(rules)))
    var log = EventLog()
    drive.feed(Drive.events(4, 200)[...], batch: 16, &log)
    var edited = rules
    edited["w", default: ""] += "-- edited"
    let draft = try RuleSetDraft(Self.sources(edited), replacing: drive.engine.outline)
    #expect(drive.engine.unrepeatable(after: draft) == ["c_fails", "ear"])
    var kit = TestEngine(rules: edited)
    kit.labels = ["u1": "sharp"]
    let relabelled = try RuleSetDraft(kit.sources, replacing: drive.engine.outline)
    #expect(drive.engine.unrepeatable(after: relabelled) == rules.keys.filter { $0 != "w" }.sorted())
  }

  @Test("another watch list fills windows that look at labels anew, and leaves the others")
  func labelWindows() throws {
    let rule = { (field: String) in
      """
      local R = rule { title = 'l', windows = {
        a = window.sliding { by = { '\(field)' }, span = '1h', agg = { n = count() } },
        b = window.sliding { by = { 'user' }, span = '1h', agg = { n = count() } } } }
      function R.on_order(o, w) signal { title = 'a' .. w.a.n .. ' b' .. w.b.n } end
      return R
      """
    }
    let rules = ["by_label": rule("label"), "by_side": rule("side")]
    var drive = Drive(engine: try Engine(Self.sources(rules)))
    var log = EventLog()
    drive.feed(Drive.events(5, 50)[...], batch: 16, &log)
    var kit = TestEngine(rules: rules)
    kit.labels = ["u1": "sharp"]
    let draft = try RuleSetDraft(kit.sources, replacing: drive.engine.outline)
    #expect(draft.loaded == ["by_label"] && draft.fresh[0].rebuilt == [0])
  }
}

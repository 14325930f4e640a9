import COrderFlow
import OrderFlow
import RuleEngine

/// One run of a test's flow through an engine: the same calls that a replay and a live run make.
struct TestRun {
  /// An event as the engine numbered it, for who begins again.
  private enum Past {
    case order(TestOrder, seq: Int64, isLate: Bool, twin: UInt32)
    case tick(seq: Int64, time: Int64)
    case gap(seq: Int64, from: Int64, to: Int64, isFilled: Bool)
  }

  private let rule: String
  private let options: Engine.Options
  private var sources: RuleSources
  private(set) var engine: Engine
  private var past: [Past] = []
  private var output = EngineOutput()
  private var reloads = 0
  /// What the rule did.
  private(set) var result = TestResult()
  /// Called behind every event with what the instrumented rule did; nil when nobody asks.
  var watch: ((_ event: Int?, EventTrace) -> Void)?
  /// What is forced in the next event of this place.
  var forcing: (event: Int, points: [ProbeForcing], despiteConditions: Bool)?

  private static let source = "test"

  init(_ sources: RuleSources, rule: String, options: Engine.Options) throws(Engine.Refusal) {
    self.sources = sources
    self.rule = rule
    self.options = options
    engine = try Engine(sources, options: options)
    engine.startSequence(after: 0)
  }

  /// Takes one step; throws what the rule says against a restart or a reload.
  mutating func take(_ step: TestStep, of test: RuleTest) throws(Engine.Refusal) {
    switch step {
    case .event(let place, let isRepeat):
      switch test.events[place].kind {
      case .order(let order): take(order, at: place, isRepeat: isRepeat)
      case .tick(let time): tick(time, at: place)
      case .gap(let from, let to, let isFilled): gap(from, to, isFilled, at: place)
      }
    case .tick(let time): tick(time, at: nil)
    case .gap(let from, let to): gap(from, to, false, at: nil)
    case .restart: try restart()
    case .reload(let parameters): try reload(parameters)
    }
  }

  // MARK: Events

  private mutating func take(_ order: TestOrder, at place: Int, isRepeat: Bool) {
    let isWatched = begin(place)
    var trace: EventTrace?
    order.withOrder { pointer in
      engine.process(UnsafeMutableBufferPointer(start: pointer, count: 1), into: &output)
      if output.orderCount == 1 {
        past.append(
          .order(
            order, seq: pointer.pointee.seq, isLate: pointer.pointee.late != 0, twin: pointer.pointee.twin))
        result.note(seq: pointer.pointee.seq, event: place, isLate: pointer.pointee.late != 0)
      } else if !isRepeat {
        result.repeats.append(place)
      }
      if isWatched { trace = engine.endTrace(of: rule, at: output.orderCount == 1 ? pointer : nil) }
    }
    end(place, trace)
  }

  private mutating func tick(_ time: Int64, at place: Int?) {
    let isWatched = begin(place)
    // A clock that is there already does not move, and nothing happens.
    if engine.tick(time, into: &output) { past.append(.tick(seq: engine.lastSequence, time: time)) }
    end(place, isWatched ? engine.endTrace(of: rule, at: nil) : nil)
  }

  private mutating func gap(_ from: Int64, _ to: Int64, _ isFilled: Bool, at place: Int?) {
    let isWatched = begin(place)
    if engine.gap(source: TestRun.source, from: from, to: to, backfilled: isFilled, into: &output) {
      past.append(.gap(seq: engine.lastSequence, from: from, to: to, isFilled: isFilled))
    }
    end(place, isWatched ? engine.endTrace(of: rule, at: nil) : nil)
  }

  private func begin(_ place: Int?) -> Bool {
    if let forcing, forcing.event == place {
      return engine.beginTrace(
        of: rule, forcing: forcing.points, despiteConditions: forcing.despiteConditions)
    }
    return watch != nil && engine.beginTrace(of: rule)
  }

  private mutating func end(_ place: Int?, _ trace: EventTrace?) {
    result.take(output, of: rule, at: place)
    for (rule, text) in engine.takeLogs() where rule == self.rule { result.log += text }
    if let trace { watch?(place, trace) }
  }

  /// Takes what the rule has counted since it was loaded.
  mutating func collect() { result.add(engine.takeCounts(of: rule)) }

  // MARK: Beginning again

  private mutating func restart() throws(Engine.Refusal) {
    var states: [String: SavedRule] = [:]
    for (rule, saved) in engine.savedStates() {
      switch saved {
      case .success(let saved): states[rule] = saved
      case .failure(let problem): throw Engine.Refusal(problems: [problem])
      }
    }
    let end = engine.lastSequence
    let next = try Engine(sources, options: options)
    let unreadable = try next.begin(after: 0, clock: nil, states: states, end: end)
    if !unreadable.isEmpty { throw Engine.Refusal(problems: unreadable) }
    for event in past {
      switch event {
      case .order(let order, let seq, let isLate, let twin):
        order.withOrder(seq: seq, isLate: isLate, twin: twin) { next.restore($0) }
      case .tick(let seq, let time): next.restore(tick: seq, time: time)
      case .gap(let seq, let from, let to, let isFilled):
        next.restore(gap: seq, source: TestRun.source, from: from, to: to, backfilled: isFilled)
      }
    }
    next.endRestoring(at: end)
    // What it runs through again was counted before.
    _ = next.takeCounts(of: rule)
    collect()
    engine = next
  }

  private mutating func reload(_ parameters: [String: String]) throws(Engine.Refusal) {
    var next = sources
    next.parameters[rule, default: [:]].merge(parameters) { $1 }
    // A rule whose text is the same would go on in its VM.
    reloads += 1
    if let place = next.rules.firstIndex(where: { $0.name == rule }) {
      next.rules[place].source += Array(repeating: UInt8(ascii: "\n"), count: reloads)
    }
    let draft = try RuleSetDraft(next, replacing: engine.outline)
    draft.begin(after: 0, clock: nil, missingBefore: nil)
    if draft.needsRebuild { fill(draft) }
    draft.skip(to: engine.lastSequence)
    collect()
    do throws(RuleProblem) {
      try engine.swap(to: draft).free()
    } catch {
      throw Engine.Refusal(problems: [error])
    }
    sources.parameters = next.parameters
  }

  private func fill(_ draft: RuleSetDraft) {
    for event in past {
      switch event {
      case .order(let order, let seq, let isLate, let twin):
        order.withOrder(seq: seq, isLate: isLate, twin: twin) { draft.take($0) }
      case .tick(let seq, let time): draft.take(tick: seq, time: time)
      case .gap(let seq, let from, let to, let isFilled):
        draft.take(gap: seq, source: TestRun.source, from: from, to: to, backfilled: isFilled)
      }
    }
  }
}

extension TestOrder {
  /// Lays the order out as the engine left it, in a batch of its own.
  fileprivate func withOrder(
    seq: Int64, isLate: Bool, twin: UInt32, _ body: (UnsafeMutableBufferPointer<Order>) -> Void
  ) {
    withOrder { order in
      order.pointee.seq = seq
      order.pointee.late = isLate ? 1 : 0
      order.pointee.twin = twin
      body(UnsafeMutableBufferPointer(start: order, count: 1))
    }
  }
}

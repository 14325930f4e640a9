import COrderFlow
import CRuleVM
import OrderFlow

extension RuleRunner {
  // MARK: Signals of other rules

  /// Takes the signals of the coming batch; those of rules that this one listens to are kept until their order.
  func hear(_ signals: [HeardSignal]) {
    // A level after another is how they came; by order, then rule, then emission is how they are heard.
    heard = signals.enumerated().filter { header.listens.contains($0.element.signal.rule) }
      .sorted {
        ($0.element.index, $0.element.signal.rule, $0.offset) < (
          $1.element.index, $1.element.signal.rule, $1.offset
        )
      }
      .map(\.element)
    nextHeard = 0
  }

  /// Whether a signal waits that belongs to the order at `index`.
  @inline(__always)
  func isHeard(_ index: Int32) -> Bool { nextHeard < heard.count && heard[nextHeard].index <= index }

  /// Calls on_signal for what belongs to the order at `index` or one before it, in the order of rules and emission.
  func runHeard(_ index: Int32) {
    guard let orders = cursor.pointee.orders else { return }
    while isHeard(index) {
      let entry = heard[nextHeard]
      nextHeard += 1
      // Several signals can belong to one order: the failure says which of them it was.
      let hook = "on_signal \(entry.signal.id.hex)"
      // After the quarantine of the rule, or in a stretch that it has seen before.
      if isMuted(entry.index) || repeatsKill(hook, entry.index) { continue }
      let order = orders + Int(entry.index)
      for place in 0..<windowCount { windows[place].current = -1 }
      let before = signalCount
      if Int(call(entry.signal, now: order.pointee.clock)) != CRV_OK { fail(entry.index, hook: hook) }
      if signalCount == before { continue }
      var event = HookEvent(
        name: "signal \(entry.signal.id.hex)", time: entry.signal.time, index: entry.index)
      event.evidence = entry.signal.evidence
      event.market = entry.signal.market
      event.token = entry.signal.token
      event.side = entry.signal.side
      for _ in before..<signalCount { results.events.append(event) }
    }
  }

  private func call(_ signal: Signal, now: Int64) -> Int32 {
    var bytes: [UInt8] = []
    var places: [(WritableKeyPath<crv_heard, crv_text>, Range<Int>)] = []
    func add(_ path: WritableKeyPath<crv_heard, crv_text>, _ text: String?) {
      guard let text else { return }
      let start = bytes.count
      bytes.append(contentsOf: text.utf8)
      places.append((path, start..<bytes.count))
    }
    add(\.id, signal.id.hex)
    add(\.rule, signal.rule)
    add(\.severity, signal.severity.name)
    add(\.title, signal.title)
    add(\.key, signal.key)
    add(\.market, signal.market)
    add(\.token, signal.token)
    add(\.side, signal.side)
    add(\.user, signal.user)
    add(\.action, signal.action)
    add(\.data, signal.data)
    var given = crv_heard()
    given.seq = signal.seq
    given.time = signal.time
    given.confidence = signal.confidence ?? -1
    given.late = signal.late ? 1 : 0
    given.warming = signal.warming ? 1 : 0
    given.data_gap = signal.dataGap ? 1 : 0
    return bytes.withUnsafeBytes { raw in
      let base = raw.bindMemory(to: CChar.self).baseAddress
      for (path, range) in places {
        given[keyPath: path] = crv_text(bytes: base.map { $0 + range.lowerBound }, count: range.count)
      }
      return signal.evidence.withUnsafeBufferPointer { evidence in
        given.evidence = evidence.baseAddress
        given.evidence_count = evidence.count
        return crv_run_signal(vm, &given, now, signal.seq, &host)
      }
    }
  }
}

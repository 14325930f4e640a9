import COrderFlow
import CRuleVM
import OrderFlow

extension RuleRunner {
  /// Runs `on_gap` for a gap, which is a batch of its own, and decides the absences that waited for it; windows,
  /// timers and the clock stay as they are.
  func runGap(_ gap: UnsafePointer<bb_order>) {
    for place in 0..<windowCount { windows[place].current = -1 }
    tell(gap)
    decideAbsences(gap.pointee.clock)
    runHeard(0)
    takeSignals()
    if !isQuarantined { crv_collect(vm) }
    takeTotals()
  }

  private func tell(_ gap: UnsafePointer<bb_order>) {
    guard hooks & UInt32(CRV_HOOK_GAP) != 0, !isQuarantined, !isMuted(0), !repeatsKill("on_gap", 0) else {
      return
    }
    let before = signalCount
    let time = gap.pointee.time
    if Int(callGap(gap, time)) != CRV_OK { fail(0, hook: "on_gap") }
    let event = HookEvent(name: RuleRunner.gapEvent(gap), time: time, index: 0)
    for _ in before..<signalCount { results.events.append(event) }
  }

  private func callGap(_ gap: UnsafePointer<bb_order>, _ time: Int64) -> Int32 {
    let source = gap.text(.user).pointee
    let name = UnsafeRawPointer(source.bytes)?.assumingMemoryBound(to: CChar.self)
    var told = crv_gap(
      source: name, source_count: Int(source.count), from: gap.pointee.price, to: gap.pointee.shares,
      backfilled: Int32(gap.pointee.twin))
    return crv_run_gap(vm, &told, time, gap.pointee.seq, &host)
  }

  /// What names the event in the identity of a signal.
  private static func gapEvent(_ gap: UnsafePointer<bb_order>) -> String {
    let source = gap.pointee.string(.user) ?? ""
    let state = gap.pointee.twin == 0 ? "open" : "filled"
    return "gap \(source) \(gap.pointee.price) \(gap.pointee.shares) \(state)"
  }
}

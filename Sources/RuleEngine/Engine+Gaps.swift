import COrderFlow
import OrderFlow

extension Engine {
  /// Takes a feed's report that a stretch of event time (ms) was lost, or is filled, as an event of its own:
  /// `on_gap` runs. A gap that ends nobody knows where yet ends at its beginning.
  ///
  /// The event gets the next number. Does nothing when the report says nothing that is not known already.
  public func gap(
    source: String, from: Int64, to: Int64, backfilled: Bool, into output: inout EngineOutput
  ) -> Bool {
    output.removeAll()
    var known = gaps
    guard known.note(source: source, from: from, to: to, backfilled: backfilled) else { return false }
    take(lastSequence + 1, source, from, to, backfilled, &output)
    return true
  }

  /// Runs a gap of the journal again.
  public func restore(gap seq: Int64, source: String, from: Int64, to: Int64, backfilled: Bool) {
    var output = EngineOutput()
    restore(gap: seq, source: source, from: from, to: to, backfilled: backfilled, into: &output)
  }

  /// The same; `output` is what the rules say this time.
  public func restore(
    gap seq: Int64, source: String, from: Int64, to: Int64, backfilled: Bool, into output: inout EngineOutput
  ) {
    output.removeAll()
    take(seq, source, from, to, backfilled, &output)
  }

  /// Takes a gap from before what is restored: no rule sees it, but signals over it say so.
  public func recall(gapOf source: String, from: Int64, to: Int64, backfilled: Bool) {
    gaps.note(source: source, from: from, to: to, backfilled: backfilled)
    for runner in runners { runner.gaps = gaps }
  }

  private func take(
    _ seq: Int64, _ source: String, _ from: Int64, _ to: Int64, _ backfilled: Bool,
    _ output: inout EngineOutput
  ) {
    gaps.note(source: source, from: from, to: to, backfilled: backfilled)
    let (oldest, isUnderflow) = clock.subtractingReportingOverflow(Engine.longestLook)
    if !isUnderflow { gaps.forget(before: oldest) }
    for runner in runners { runner.gaps = gaps }
    // A gap does not move the clock.
    admission.pointee.tick(seq, .min)
    let gap = GapEvent(source: source, from: from, to: to, backfilled: backfilled)
    gap.withOrder(seq: seq, clock: clock == .min ? from : clock) { event in
      runSet(event, 1, &output)
    }
  }

  /// No window looks back further, ms: a session can be as long as its span, and end its gap later.
  private static var longestLook: Int64 { 3 * HeaderReader.longestDuration }

  /// Whether a rule's windows reach back over something that is lost, as of an event time, ms.
  func looksOverGap(_ runner: RuleRunner, at time: Int64) -> Bool {
    guard !gaps.isEmpty, let look = runner.header.look(lateness: options.lateness) else { return false }
    let (start, isUnderflow) = time.subtractingReportingOverflow(look)
    return gaps.overlaps(isUnderflow ? .min : start + 1, time)
  }
}

extension RuleHeader {
  /// How far back windows and sequences look from an event, ms: from `time - look` on, not included. nil without any.
  func look(lateness: Int64) -> Int64? {
    let matches = sequences.map { $0.within + 1 }
    let groups = windows.map { window in
      switch window.shape {
      case .sliding(let span): span
      // A bucket is there until orders of it would be too late.
      case .tumbling(let width): width + lateness
      case .session(let gap, let span): gap + span
      }
    }
    return (groups + matches).max()
  }
}

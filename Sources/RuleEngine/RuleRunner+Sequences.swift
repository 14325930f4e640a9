import COrderFlow
import CRuleVM
import OrderFlow

extension RuleRunner {
  // MARK: Sequences

  /// Brings the sequences up to an order; true when it made a step of a match.
  @inline(__always)
  func advanceSequences(_ order: UnsafePointer<bb_order>) -> Bool {
    var took = false
    hasCompleted = false
    for place in 0..<sequenceCount {
      if sequences[place].advance(order, lateness: lateness) { took = true }
      if sequences[place].completed != nil { hasCompleted = true }
    }
    return took
  }

  @inline(__always)
  func isAnyAbsenceDue(_ clock: Int64) -> Bool {
    for place in 0..<sequenceCount where sequences[place].isDue(clock, lateness) { return true }
    return false
  }

  /// Whether absences wait for a lost stretch to be read again.
  var hasWaitingAbsences: Bool { (0..<sequenceCount).contains { !sequences[$0].waiting.isEmpty } }

  /// Decides the absences that waited for a gap, at an event that tells of one.
  func decideAbsences(_ clock: Int64) {
    guard hasWaitingAbsences else { return }
    var due: [(time: Int64, rank: Int, key: [Window.KeyPart], what: Due)] = []
    for place in 0..<sequenceCount { collectAbsences(place, clock, &due) }
    runAll(&due, 0)
  }

  /// Calls on_sequence for the matches that the order at `index` completed, in the order of their names.
  func runCompleted(_ index: Int32) {
    hasCompleted = false
    guard let orders = cursor.pointee.orders else { return }
    let order = orders + Int(index)
    for place in 0..<sequenceCount where !isQuarantined {
      guard let match = sequences[place].completed, !repeatsKill("on_sequence", index) else { continue }
      let before = signalCount
      let status = call(place, match, now: order.pointee.clock, seed: order.pointee.seq)
      if Int(status) != CRV_OK { fail(index, hook: "on_sequence") }
      if signalCount == before { continue }
      let name = "sequence \(header.sequences[place].name) \(Identity.of(order).hex)"
      let event = HookEvent(
        name: name, time: order.pointee.time, index: index, hasOrder: true, evidence: match.orders)
      for _ in before..<signalCount { results.events.append(event) }
    }
  }

  /// The absences that are decided by `clock`.
  func collectAbsences(
    _ place: Int, _ clock: Int64,
    _ due: inout [(time: Int64, rank: Int, key: [Window.KeyPart], what: Due)]
  ) {
    for match in sequences[place].takeDue(clock, lateness, isLost: gaps.overlaps) {
      let key = header.sequences[place].keys.indices.map { number -> Window.KeyPart in
        if case .text = header.sequences[place].keys[number].field {
          return .text(Array(symbols.pointee.text(UInt32(truncatingIfNeeded: match.key[number]))))
        }
        return .number(match.key[number])
      }
      due.append((match.deadline, 500 + place, key, .absence(sequence: place, match)))
    }
  }

  /// Of all matches of a key one alone ends at a time: its first step's time and the key name it.
  func absenceEvent(_ place: Int, _ match: SequenceMatch, _ event: HookEvent) -> HookEvent {
    var result = event
    result.key = keyText(place, match)
    result.name = "absence \(header.sequences[place].name) \(match.first) \(result.key ?? "")"
    result.evidence = match.orders
    return result
  }

  /// The values of `by`, joined by `|`.
  private func keyText(_ place: Int, _ match: SequenceMatch) -> String {
    zip(header.sequences[place].keys, match.key).map { key, word in
      if case .text = key.field {
        return String(decoding: symbols.pointee.text(UInt32(truncatingIfNeeded: word)), as: UTF8.self)
      }
      return key.field.codes?.first { $0.code == word }?.name ?? "\(word)"
    }.joined(separator: "|")
  }

  // MARK: The call

  /// Calls on_sequence with a match at event time `now`.
  func call(_ place: Int, _ match: SequenceMatch, now: Int64, seed: Int64) -> Int32 {
    let names = sequenceNames.names[place]
    var key = Array(repeating: crv_value(), count: match.key.count)
    var steps = zip(names.steps, match.steps).map { crvStep($0, $1) }
    let isTruncated = sequences[place].isTruncated(cursor.pointee.clock, lateness)
    return key.withUnsafeMutableBufferPointer { key in
      for (number, (_, field)) in header.sequences[place].keys.enumerated() {
        if let base = key.baseAddress { set(base + number, field, match.key[number]) }
      }
      return steps.withUnsafeMutableBufferPointer { steps in
        var given = crv_match(
          name: names.name, key_names: UnsafePointer(names.keys.baseAddress),
          key: UnsafePointer(key.baseAddress),
          key_count: key.count, steps: UnsafePointer(steps.baseAddress), step_count: steps.count,
          truncated: isTruncated ? 1 : 0)
        return crv_run_sequence(vm, &given, now, seed, &host)
      }
    }
  }

  private func crvStep(_ name: UnsafeMutablePointer<CChar>, _ step: SequenceStep) -> crv_step {
    var result = crv_step()
    result.name = UnsafePointer(name)
    result.seq = step.seq
    result.time = step.time
    result.price = step.price
    result.shares = step.shares
    result.usd = step.usd
    result.usd_floor = step.usdFloor
    result.side = step.side
    set(&result.user, symbol: Int64(step.user))
    set(&result.token, symbol: Int64(step.token))
    set(&result.market, symbol: Int64(step.market))
    return result
  }

  // MARK: Totals

  /// Adds what the sequences counted to the totals.
  func takeSequenceTotals() {
    totals.undecidedAbsences = 0
    for place in 0..<sequenceCount {
      totals.tooLate += sequences[place].tooLate
      totals.droppedGroups += sequences[place].droppedKeys
      totals.undecidedAbsences += sequences[place].undecided
    }
  }
}

import OrderFlow

extension SequenceMachine {
  // MARK: Absences

  /// Notes when an absence is due; entries of matches that are gone are taken out when they are many.
  mutating func schedule(_ slot: Int32, _ deadline: Int64) {
    let generation = pending.entries[Int(slot)].generation
    deadlines.add(.init(deadline: deadline, slot: slot, generation: generation))
    guard deadlines.heap.count > 64 + 4 * pending.live else { return }
    var kept = SequenceDeadlines()
    var seen: Set<Int32> = []
    for entry in deadlines.heap where last(of: entry) >= 0 && seen.insert(entry.slot).inserted {
      kept.add(entry)
    }
    deadlines = kept
  }

  /// The last step of the match that an entry stands for, -1 when it is gone.
  private func last(of entry: SequenceDeadlines.Entry) -> Int32 {
    guard pending.isCurrent(entry.slot, entry.generation) else { return -1 }
    let last = Int32(pending.values(entry.slot)[stepCount - 1])
    return last >= 0 && pool.node(last).pointee.firstTime + within == entry.deadline ? last : -1
  }

  /// Whether the watermark is behind a deadline, so that no order that is not late can come before it any more.
  @inline(__always)
  func isDue(_ clock: Int64, _ lateness: Int64) -> Bool { deadlines.earliest < clock - lateness }

  /// Takes out the absences that are decided by `clock`, in no order.
  ///
  /// One whose time overlaps a stretch that is lost waits until it is read again, but not for ever.
  mutating func takeDue(
    _ clock: Int64, _ lateness: Int64, isLost: (_ from: Int64, _ to: Int64) -> Bool
  ) -> [SequenceMatch] {
    var result = takeDecided(clock, isLost)
    while isDue(clock, lateness), let entry = deadlines.removeFirst() {
      let last = last(of: entry)
      if last < 0 { continue }
      let match = SequenceMatch(
        key: Array(pending.key(entry.slot)), steps: pool.steps(last), deadline: entry.deadline)
      pool.free(last)
      pending.values(entry.slot)[stepCount - 1] = -1
      if (0..<stepCount).allSatisfy({ pending.values(entry.slot)[$0] < 0 }) { pending.remove(entry.slot) }
      if !isLost(match.first, match.deadline) {
        result.append(match)
      } else if waiting.count < definition.maximumKeys || waiting[match.key] != nil {
        waiting[match.key] = match
      } else {
        undecided += 1
      }
    }
    return result
  }

  /// Whether a match may be missing, or an absence wrong, because of what the cap dropped.
  func isTruncated(_ clock: Int64, _ lateness: Int64) -> Bool { clock - lateness <= truncatedUntil }

  private mutating func takeDecided(_ clock: Int64, _ isLost: (Int64, Int64) -> Bool) -> [SequenceMatch] {
    var result: [SequenceMatch] = []
    for match in waiting.values {
      if clock - match.deadline > definition.patience {
        undecided += 1
      } else if !isLost(match.first, match.deadline) {
        result.append(match)
      } else {
        continue
      }
      waiting[match.key] = nil
    }
    return result
  }
}

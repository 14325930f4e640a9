import CRuleVM

extension RuleRunner {
  /// What the rule calls the shape of its state.
  var stateVersion: Int64 { crv_state_version(vm) }

  /// Takes over a saved `state`, through `migrate` when it has another shape.
  func carry(_ state: [UInt8], from version: Int64) throws(RuleProblem) {
    if state.isEmpty { return }
    if version == stateVersion {
      if !loadState(state) { throw problem("the state cannot be read") }
      return
    }
    if crv_can_migrate(vm) == 0 {
      throw problem(
        "state_version went from \(version) to \(stateVersion), but there is no R.migrate(old, from_version): "
          + "write one that returns the new state, or keep the version")
    }
    let status = state.withUnsafeBufferPointer { crv_migrate(vm, $0.baseAddress, $0.count, version) }
    if Int(status) != CRV_OK { throw problem("migrate failed") }
  }

  private func problem(_ fallback: String) -> RuleProblem {
    RuleLoader.problem(vm, id, id + ".lua", fallback: fallback)
  }

  /// Finds out what can come from an earlier version of the rule: windows and sequences of the same definition.
  ///
  /// With another watch list those that look at labels are not the same.
  func prepareToTakeOver(from before: RuleSetOutline.Rule?, hasOtherLabels: Bool) {
    func named(_ name: String, _ identity: String, _ usesLabel: Bool) -> (name: String, identity: String) {
      (name, hasOtherLabels && usesLabel ? "other labels" : identity)
    }
    movedWindows = RuleRunner.movable(
      from: (before?.windows ?? []).map { named($0.name, $0.identity, $0.usesLabel) },
      to: header.windows.map { ($0.name, $0.identity) })
    movedSequences = RuleRunner.movable(
      from: (before?.sequences ?? []).map { named($0.name, $0.identity, $0.usesLabel) },
      to: header.sequences.map { ($0.name, $0.identity) })
    rebuilt = movedWindows.indices.filter { movedWindows[$0] == nil }
  }

  /// In a draft: the sequences that are filled anew.
  var rebuiltSequences: [Int] { movedSequences.indices.filter { movedSequences[$0] == nil } }

  /// In a draft: whether something is filled anew.
  var needsRebuild: Bool { !rebuilt.isEmpty || !rebuiltSequences.isEmpty }

  /// For each entry of `to` the place in `from` of one with the same identity, of the same name if there is.
  private static func movable(
    from: [(name: String, identity: String)], to: [(name: String, identity: String)]
  ) -> [Int?] {
    var free = Set(from.indices)
    var moved: [Int?] = to.map { _ in nil }
    for byName in [true, false] {
      for place in to.indices where moved[place] == nil {
        let same = from.indices.first { candidate in
          free.contains(candidate) && (!byName || from[candidate].name == to[place].name)
            && from[candidate].identity == to[place].identity
        }
        guard let same else { continue }
        moved[place] = same
        free.remove(same)
      }
    }
    return moved
  }

  /// Takes the place of an earlier version of the rule, if there is one, behind event `seq`.
  func takeOver(from before: RuleRunner?, clock: Int64, seq: Int64) {
    for (place, from) in movedWindows.enumerated() {
      guard let before, let from else { continue }
      swap(&windows[place], &before.windows[from])
    }
    for (place, from) in movedSequences.enumerated() {
      guard let before, let from else { continue }
      swap(&sequences[place], &before.sequences[from])
    }
    if let before {
      folder = before.folder
      totals = before.totals
      callsBefore = crv_get_stats(vm).calls &- before.totals.calls
    }
    if clock != .min { begin(clock: clock) }
    for place in 0..<windowCount { windows[place].current = -1 }
    movedWindows = []
    movedSequences = []
    rebuilt = Array(0..<windowCount)
    mutedThrough = seq
    isInDraft = false
  }

  /// Whether its windows lack what the journal no longer had when they were filled.
  func isWarming(at clock: Int64) -> Bool { warmingUntil.map { clock < $0 } ?? false }

  /// Whether it is quarantined or on the way there.
  var hasErrors: Bool { isQuarantined || !failures.isEmpty }

  /// Lets a quarantined rule run again.
  func forgive() {
    isQuarantined = false
    failures = FailureWindow()
  }
}

extension Engine {
  /// Calls a quarantined rule again from the next event on, as if it had had no errors; between two batches.
  ///
  /// Returns what has to be kept in one transaction, as of the last event, for the rule to stay in service when the
  /// process ends here: its own state, and that of every rule that hears others, since a rule does not say again
  /// what it said before. nil when there is nothing to resume. Throws why the rule's state cannot be kept: then it
  /// stays in quarantine.
  public func resume(_ rule: String) throws(RuleProblem) -> [String: SavedRule]? {
    guard let runner = runners.first(where: { $0.id == rule }), runner.isQuarantined else { return nil }
    _ = try runner.saveState()
    runner.forgive()
    return savedStates(of: runners.filter { $0 === runner || !$0.header.listens.isEmpty }.map(\.id))
  }
}

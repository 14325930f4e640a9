/// The rules of one version as they run: swapped as a whole, between two events.
final class RuleSet {
  private(set) var version: String
  /// In id order.
  let runners: [RuleRunner]
  /// Problems of rules that were left out.
  let skipped: [RuleProblem]
  let shards: ShardGroup
  let usesEvidence: Bool
  var labels: LabelTable

  init(_ sources: RuleSources, _ runners: [RuleRunner], skipped: [RuleProblem], threads: Int) {
    version = RuleSetVersion.of(sources)
    self.runners = runners
    self.skipped = skipped
    shards = ShardGroup(runners, threads: threads)
    usesEvidence = runners.contains { $0.usesEvidence }
    labels = LabelTable(sources.labels)
  }

  /// Takes another watch list: only labels and version differ in `sources`.
  func replaceLabels(_ sources: RuleSources) {
    labels = LabelTable(sources.labels)
    version = RuleSetVersion.of(sources)
  }
}

/// What a rule begins with: its text and its test, which pass as they are.
public enum RuleTemplate: String, CaseIterable, Sendable {
  case blank, whale, sweep, cluster, velocity, watch

  /// What it finds, in a few words.
  public var about: String {
    switch self {
    case .blank: "every fill above a size: a place to begin"
    case .whale: "one very large purchase"
    case .sweep: "one wallet buys its way up through one outcome"
    case .cluster: "several wallets bet on the same side of an outcome"
    case .velocity: "one wallet trades a lot within minutes"
    case .watch: "one of a few wallets trades"
    }
  }

  /// The files for a rule of this id, by their names in the rules folder.
  public func files(for id: String) -> [(name: String, text: String)] {
    [("\(id).lua", rule), ("\(id).test.yaml", "rule: \(id)\n" + test)]
  }

  private var rule: String {
    switch self {
    case .blank: RuleTemplate.blankRule
    case .whale: RuleTemplate.whaleRule
    case .sweep: RuleTemplate.sweepRule
    case .cluster: RuleTemplate.clusterRule
    case .velocity: RuleTemplate.velocityRule
    case .watch: RuleTemplate.watchRule
    }
  }

  private var test: String {
    switch self {
    case .blank: RuleTemplate.blankTest
    case .whale: RuleTemplate.whaleTest
    case .sweep: RuleTemplate.sweepTest
    case .cluster: RuleTemplate.clusterTest
    case .velocity: RuleTemplate.velocityTest
    case .watch: RuleTemplate.watchTest
    }
  }
}

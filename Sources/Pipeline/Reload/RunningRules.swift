import RuleEngine

/// The rule set that runs, as far as the next one has to know it.
struct RunningRules: Sendable {
  /// The files it was made from.
  var sources: RuleSources
  var outline: RuleSetOutline

  var version: String { outline.version }
}

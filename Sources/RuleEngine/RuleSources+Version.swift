extension RuleSources {
  /// The version that a rule set of these files has: sixteen hexadecimal digits over everything that decides
  /// what it does.
  public var version: String { RuleSetVersion.of(self) }
}

extension RuleSources {
  /// Sixteen hexadecimal digits: the `version` of an engine that is made of these files.
  public var version: String { RuleSetVersion.of(self) }
}

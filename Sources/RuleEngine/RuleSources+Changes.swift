extension RuleSources {
  /// Ids of the rules that are not the same in another set, or that only one of both has, sorted.
  ///
  /// Libraries and parameters count. With another watch list every rule does: which of them look at labels is
  /// known only as they run.
  public func rules(differingFrom other: RuleSources) -> [String] {
    func prints(_ sources: RuleSources) -> [String: RuleFingerprint] {
      Dictionary(sources.rules.map { ($0.name, RuleFingerprint.of($0, in: sources)) }) { first, _ in first }
    }
    let (mine, others) = (prints(self), prints(other))
    return Set(mine.keys).union(others.keys).filter { labels != other.labels || mine[$0] != others[$0] }
      .sorted()
  }
}

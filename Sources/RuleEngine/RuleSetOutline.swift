/// What a running rule set consists of, as far as one that is to take its place must know it.
///
/// A value: it may be kept and read on any thread while the engine goes on.
public struct RuleSetOutline: Sendable {
  /// One rule that runs.
  struct Rule: Sendable {
    var fingerprint: RuleFingerprint
    var windows: [WindowDefinition]
    var sequences: [SequenceDefinition]
    var stateVersion: Int64
    var listens: [String]

    /// Whether what it holds depends on the watch list.
    var usesLabel: Bool { windows.contains(where: \.usesLabel) || sequences.contains(where: \.usesLabel) }
  }

  /// Version of the rule set.
  public let version: String
  let rules: [String: Rule]
  /// The watch list.
  let labels: [String: String]
  let options: Engine.Options
  let symbols: SharedSymbols

  /// Ids of the rules that run, sorted.
  public var ruleIDs: [String] { rules.keys.sorted() }
}

extension Engine {
  /// The rules that run now, for a draft of those that are to follow.
  public var outline: RuleSetOutline {
    var rules: [String: RuleSetOutline.Rule] = [:]
    for runner in runners {
      rules[runner.id] = RuleSetOutline.Rule(
        fingerprint: runner.fingerprint, windows: runner.header.windows, sequences: runner.header.sequences,
        stateVersion: runner.stateVersion, listens: runner.header.listens)
    }
    return RuleSetOutline(
      version: version, rules: rules, labels: labels.entries, options: options, symbols: symbols)
  }
}

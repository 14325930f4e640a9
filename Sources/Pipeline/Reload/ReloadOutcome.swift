public import RuleEngine

/// What became of an attempt to change the rule set.
public struct ReloadOutcome: Sendable {
  /// How it ended; the raw value is what the journal keeps.
  public enum Kind: String, Sendable {
    /// The rule set that a run begins with.
    case started
    /// Every file is taken as it is on the disk.
    case running
    /// Good files were taken, and bad ones left as they were before.
    case partial
    /// An earlier version runs again.
    case rolledBack = "rolled_back"
    /// There was nothing to change.
    case unchanged
    /// Everything is as it was.
    case rejected
  }

  /// How it ended.
  public var kind: Kind
  /// The version that was to run; empty when the files could not be read.
  public var version: String
  /// The version that ran before.
  public var previous: String
  /// What is wrong with rules, in rule order.
  public var problems: [RuleProblem] = []
  /// Why it was rejected when no rule is to blame.
  public var reason: String?
  /// How many rules run now.
  public var ruleCount = 0
  /// What could not be carried over.
  public var notes: [String] = []
  /// What the lint says about changed files that did not stop them.
  public var warnings: [String] = []
  /// Of a return: the version of the folder that does not come in by itself again.
  public var disk: String?
  /// How long events waited for the swap, ns.
  public var pause: UInt64 = 0
  /// From the request to the swap, ns.
  public var duration: UInt64 = 0

  /// Whether what was asked for runs.
  public var isDone: Bool { kind != .rejected }

  /// Why it is not what it was meant to be, nil when it is.
  public var why: String? {
    problems.isEmpty ? reason : problems.map(\.description).joined(separator: "; ")
  }

  /// The outcome in one line.
  public var text: String {
    let rules = ruleCount == 1 ? "1 rule runs" : "\(ruleCount) rules run"
    let tail = notes.isEmpty ? "" : "; " + notes.joined(separator: "; ")
    switch kind {
    case .started: return "\(rules) now; rule set \(version)"
    case .running: return "\(rules) now; rule set \(version), before it \(previous)\(tail)"
    case .partial:
      return "\(rules) now; rule set \(version), before it \(previous); as before: \(why ?? "")\(tail)"
    case .rolledBack: return "back to rule set \(version) from \(previous); \(rules)\(tail)"
    case .unchanged: return "the rules are as they were; rule set \(version)"
    case .rejected: return "the rules were not reloaded, \(previous) goes on: \(why ?? "")"
    }
  }
}

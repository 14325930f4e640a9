/// What became of a change to the rules.
public struct RuleChange: Sendable, Equatable {
  /// The longest rule that is taken, bytes.
  public static let longestSource = 256 << 10

  /// How it ended.
  public enum Kind: String, Sendable {
    /// What was asked for runs.
    case done
    /// Nothing had to change.
    case unchanged
    /// There is something against it, and everything is as it was.
    case refused
    /// There is no such rule.
    case missing
    /// It could not be tried: a full disk, or a run that ends.
    case failed
  }

  /// One thing that is wrong with a rule.
  public struct Problem: Sendable, Equatable {
    /// The rule; empty when it is none's fault.
    public var rule: String
    /// The file below the rules folder.
    public var file: String
    /// The line, from 1; 0 when no line is to blame.
    public var line: Int
    /// What is wrong and what to do.
    public var message: String

    /// A problem at a place.
    public init(rule: String, file: String, line: Int, message: String) {
      self.rule = rule
      self.file = file
      self.line = line
      self.message = message
    }
  }

  /// How it ended.
  public var kind: Kind
  /// The version that runs now.
  public var version: String
  /// What is wrong, in rule order.
  public var problems: [Problem] = []
  /// What the lint says that did not stop it.
  public var warnings: [String] = []
  /// The outcome in one line.
  public var text: String

  /// An outcome.
  public init(kind: Kind, version: String, text: String) {
    self.kind = kind
    self.version = version
    self.text = text
  }
}

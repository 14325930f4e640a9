/// The files of a rules folder, read: what a rule set is made of.
public struct RuleSources: Sendable {
  /// One Lua file.
  public struct File: Sendable {
    /// The name without `.lua`: the rule's id, or what `require` takes.
    public var name: String
    /// The text.
    public var source: [UInt8]

    /// Names a text.
    public init(name: String, source: [UInt8]) {
      self.name = name
      self.source = source
    }
  }

  /// `rules/*.lua`, sorted by name.
  public var rules: [File]
  /// `rules/lib/*.lua`, sorted by name.
  public var libraries: [File]
  /// The wallets of `rules/tables/wallets.csv` (lower case) with their labels.
  public var labels: [String: String]
  /// Parameters from the command line or the configuration: rule, then name, then text.
  public var parameters: [String: [String: String]]
  /// Bytes of every other file that counts for the version (tables), by path.
  public var tables: [File]

  /// Whether a name can be a rule's id, and with `.lua` behind it the name of its file: `[a-z][a-z0-9_]{0,63}`.
  public static func isRuleID(_ name: String) -> Bool { RuleLoader.isRuleID(name) }

  /// Collects the parts.
  public init(
    rules: [File], libraries: [File] = [], labels: [String: String] = [:],
    parameters: [String: [String: String]] = [:], tables: [File] = []
  ) {
    self.rules = rules.sorted { $0.name < $1.name }
    self.libraries = libraries.sorted { $0.name < $1.name }
    self.labels = labels
    self.parameters = parameters
    self.tables = tables.sorted { $0.name < $1.name }
  }
}

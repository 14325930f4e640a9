public import Journal
public import RuleEngine

/// The rule set that an event of a journal met.
public struct PastRules {
  /// Its files.
  public var sources: RuleSources
  /// What is to be said about them, nil when they are the very files that ran.
  public var warning: String?

  /// Finds the files of a version: those that the journal keeps, or those of the folder.
  ///
  /// Throws what reading the folder throws, and `JournalError`.
  public static func find(
    _ version: String?, in reader: JournalReader, folder: String, read: () throws -> RuleSources
  ) throws -> PastRules {
    if let version {
      let kept = try reader.files(of: version)
      if !kept.isEmpty { return PastRules(sources: try RuleSources(kept)) }
    }
    let sources = try read()
    if sources.version == version { return PastRules(sources: sources) }
    let ran = version.map { "rule set \($0)" } ?? "a rule set that the journal does not name"
    return PastRules(
      sources: sources,
      warning: "\(ran) ran at this event, and its files are not kept: "
        + "this is what rule set \(sources.version) in \(folder) says")
  }
}

public import Journal
public import RuleEngine

/// A rule set that a journal keeps the files of.
public struct RunningRuleSet: Sendable {
  /// Its files and parameters.
  public var sources: RuleSources
  /// What it is called: its version and that it runs.
  public var place: String

  /// Why there is none.
  public struct Missing: Error, CustomStringConvertible {
    /// One sentence for the user.
    public var description: String
  }

  /// The version that runs, or ran last; or the one whose number begins with these digits.
  ///
  /// Throws `Missing`, `JournalError`, and `RuleFolder.Failure` when its watch list cannot be read any more.
  public static func find(_ digits: String? = nil, in reader: JournalReader) throws -> RunningRuleSet {
    let known = try reader.versionsRun(newest: 1000)
    let version: String
    if let digits {
      let found = known.filter { $0.hasPrefix(digits) }
      guard let first = found.first, found.count == 1 else {
        let what = found.isEmpty ? "knows no version that begins" : "knows more than one version that begins"
        throw Missing(description: "\(reader.path) \(what) with \(digits)")
      }
      version = first
    } else {
      guard let newest = known.first else {
        throw Missing(
          description: "no engine has run with \(reader.path), so that there is no running version: "
            + "name what to compare with (--against DIR)")
      }
      version = newest
    }
    let files = try reader.files(of: version)
    if files.isEmpty {
      throw Missing(
        description: "\(reader.path) does not keep the files of version \(version) any more: "
          + "name a folder to compare with (--against DIR)")
    }
    let word = version == known.first ? "running" : "of"
    return RunningRuleSet(sources: try RuleSources(files), place: "\(word) \(reader.path)")
  }
}

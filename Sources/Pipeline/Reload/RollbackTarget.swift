import Journal
import RuleEngine

/// Finds the rule set that ran before the one that runs.
enum RollbackTarget {
  /// Why there is none.
  struct Missing: Error, CustomStringConvertible {
    var description: String
  }

  /// Where the journal has the version of the folder that was rolled back.
  static let diskKey = "rolled_back_disk"

  /// Its files, as the journal kept them; throws `Missing`, or `JournalError`.
  static func find(in journal: String, current: String) throws -> RuleSources {
    let reader = try JournalReader(path: journal)
    guard let earlier = try reader.versionsRun(newest: 2).first(where: { $0 != current }) else {
      throw Missing(description: "the journal knows no version before \(current)")
    }
    let files = try reader.files(of: earlier)
    if files.isEmpty {
      throw Missing(
        description: "the files of \(earlier), which ran before, are not kept any more: "
          + "bring them back from version control and reload")
    }
    return try RuleSources(files)
  }

  /// The files of the version that ran last, when that is another than `disk`; nil when they are not kept.
  static func last(_ journal: Journal, unless disk: String) throws -> RuleSources? {
    guard let version = try journal.versionsRun(newest: 1).first, version != disk else { return nil }
    return try kept(version, journal)
  }

  private static func kept(_ version: String, _ journal: Journal) throws -> RuleSources? {
    let files = try journal.files(of: version)
    return files.isEmpty ? nil : try RuleSources(files)
  }

  /// The files to begin with, when the last thing that happened was a return from the version on disk.
  static func standing(_ journal: Journal, disk: String) throws -> RuleSources? {
    guard let last = try journal.lastReloadRun(), last.outcome == ReloadOutcome.Kind.rolledBack.rawValue,
      try journal.metaText(diskKey) == disk
    else { return nil }
    return try kept(last.version, journal)
  }
}

import Journal
import RuleEngine

/// Finds the rule set that ran before the one that runs.
enum RollbackTarget {
  /// Why there is none.
  struct Missing: Error, CustomStringConvertible {
    var description: String
  }

  /// Its files, as the journal kept them; throws `Missing`, or `JournalError`.
  static func find(in journal: String, current: String) throws -> RuleSources {
    let reader = try JournalReader(path: journal)
    let earlier = try reader.reloads(newest: 1000).first { record in
      record.outcome != ReloadOutcome.Kind.rejected.rawValue && record.version != current
    }
    guard let earlier else {
      throw Missing(description: "the journal knows no version before \(current)")
    }
    let files = try reader.files(of: earlier.version)
    if files.isEmpty {
      throw Missing(
        description: "the files of \(earlier.version), which ran before, are not kept any more: "
          + "bring them back from version control and reload")
    }
    return try RuleSources(files)
  }

  /// The files to begin with, when the last thing that happened was a return from the version on disk.
  static func standing(_ journal: Journal, disk: String) throws -> RuleSources? {
    let last = try journal.reloads(newest: 200).first { $0.outcome != ReloadOutcome.Kind.rejected.rawValue }
    guard let last, last.outcome == ReloadOutcome.Kind.rolledBack.rawValue, last.previous == disk else {
      return nil
    }
    let files = try journal.files(of: last.version)
    return files.isEmpty ? nil : try RuleSources(files)
  }
}

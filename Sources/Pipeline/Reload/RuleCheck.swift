import RuleEngine
import RuleKit

/// What can be said of a rule set before it runs: the first two steps of a reload, and of a start.
enum RuleCheck {
  /// Reads every file that `before` does not have with the parser; throws the problems of those that are not Lua.
  static func parse(_ sources: RuleSources, but before: RuleSources? = nil) throws(Engine.Refusal) {
    try refuse(findings(in: sources, but: before).filter { $0.finding.check == .syntax })
  }

  /// Throws what the lint calls an error in files that `before` does not have; returns its warnings about them.
  static func lint(_ sources: RuleSources, but before: RuleSources? = nil) throws(Engine.Refusal) -> [String]
  {
    let findings = findings(in: sources, but: before)
    try refuse(findings.filter { $0.finding.severity == .error })
    return findings.map { "\($0.finding)" }
  }

  private struct Found {
    var finding: LintFinding
    var file: RuleSources.File
    var isLibrary: Bool
  }

  private static func findings(in sources: RuleSources, but before: RuleSources?) -> [Found] {
    [(sources.rules, false), (sources.libraries, true)].flatMap { files, isLibrary in
      files.filter { !(before?.holds($0, isLibrary: isLibrary) ?? false) }.flatMap { file in
        Lint.check(file.name, source: file.source, kind: isLibrary ? .library : .rule).map {
          Found(finding: $0, file: file, isLibrary: isLibrary)
        }
      }
    }
  }

  private static func refuse(_ found: [Found]) throws(Engine.Refusal) {
    if found.isEmpty { return }
    throw Engine.Refusal(
      problems: found.map { found in
        let finding = found.finding
        return RuleProblem(
          // No rule alone is to blame for a library, and none can be left out for it.
          rule: found.isLibrary ? "lib/" + found.file.name : found.file.name, file: finding.file,
          line: finding.line, message: "\(finding.message) [\(finding.name)]")
      })
  }
}

extension RuleSources {
  /// Whether it has just this file.
  fileprivate func holds(_ file: File, isLibrary: Bool) -> Bool {
    (isLibrary ? libraries : rules).contains { $0.name == file.name && $0.source == file.source }
  }
}

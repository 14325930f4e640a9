import RuleEngine
import RuleKit

/// What can be said of a rule set without loading it: a step of a reload, and of a start, before and one behind that.
struct RuleCheck {
  private let findings: [Found]

  /// Looks over every file that `before` does not have.
  init(_ sources: RuleSources, but before: RuleSources? = nil) {
    findings = RuleCheck.findings(in: sources, but: before)
  }

  /// Throws the problems of files that are not Lua.
  func parse() throws(Engine.Refusal) {
    try RuleCheck.refuse(findings.filter { $0.finding.check == .syntax })
  }

  /// Throws what the lint calls an error; returns its warnings.
  func lint() throws(Engine.Refusal) -> [String] {
    try RuleCheck.refuse(findings.filter { $0.finding.severity == .error })
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

import Broadcast
import RuleEngine

extension RuleChange {
  /// What became of a reload.
  init(_ outcome: ReloadOutcome, running: String) {
    let kind: Kind =
      switch outcome.kind {
      case .started, .running, .partial, .rolledBack: .done
      case .unchanged: .unchanged
      case .rejected: outcome.problems.isEmpty ? .failed : .refused
      }
    self.init(kind: kind, version: running, text: outcome.text)
    take(outcome)
  }

  /// What became of a change of a rule's file; `running` is the version that runs now.
  init(_ result: ReloadAttempt.Result, of change: RuleFileChange, running: String) {
    let outcome = result.outcome
    let why = outcome.why ?? ""
    switch result.change {
    case _ where outcome.kind == .rejected && !outcome.problems.isEmpty:
      self.init(kind: .refused, version: running, text: "nothing has changed, \(running) goes on: \(why)")
    case _ where outcome.kind == .rejected:
      self.init(
        kind: result.fault == .foreign ? .refused : .failed, version: running,
        text: "nothing has changed, \(running) goes on: \(why)")
    case .made where outcome.kind == .unchanged:
      self.init(
        kind: .done, version: running, text: "\(change.file) is as it runs already; rule set \(running)")
    default:
      self.init(kind: outcome.kind == .unchanged ? .unchanged : .done, version: running, text: outcome.text)
    }
    switch result.change {
    case .takenBack: text += "; \(change.file) is as it was before"
    case .stuck(let reason):
      text = "\(running) goes on: \(why); \(change.file) could not be put back as it was: \(reason)"
    case .none, .made: break
    }
    take(outcome)
  }

  /// Something that nothing could be tried for.
  static func failed(_ text: String, running: String) -> RuleChange {
    RuleChange(kind: .failed, version: running, text: text)
  }

  private mutating func take(_ outcome: ReloadOutcome) {
    problems = outcome.problems.map { problem in
      // A library is nobody's own.
      Problem(
        rule: problem.rule.hasPrefix("lib/") ? "" : problem.rule, file: problem.file, line: problem.line,
        message: problem.message)
    }
    warnings = outcome.warnings
  }

  /// What the control socket says: `done` or `refused` for programs, then the text for people.
  var line: [UInt8] {
    Array("\(kind == .done || kind == .unchanged ? "done" : "refused")\n\(TerminalText.line(text))\n".utf8)
  }
}

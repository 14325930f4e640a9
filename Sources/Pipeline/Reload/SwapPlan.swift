import Journal
import RuleEngine

/// A rule set that is ready to take over, and what the journal is to know of it.
struct SwapPlan: Sendable {
  let draft: RuleSetDraft
  let kind: ReloadOutcome.Kind
  /// Problems of files that were left as they were.
  let problems: [RuleProblem]
  /// The files of the set, for a return to it.
  let files: [KeptFile]
  /// Of a return: the version of the folder as it was dealt with last.
  let disk: String?
  /// Begin of the attempt on the monotonic clock, ns.
  let begin: UInt64

  /// What the engine's thread made of a plan.
  enum Answer: Sendable {
    /// It runs; the outline is that of the new set, and what ran before is to be let go of.
    case swapped(ReloadOutcome, RuleSetOutline, RetiredRules)
    /// A rule could not take over its state, or the journal could not be read.
    case refused([RuleProblem], reason: String?)
    /// The run has ended.
    case over
  }
}

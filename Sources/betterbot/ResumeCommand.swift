import ArgumentParser
import RuleEngine

/// `betterbot resume`: has a running engine call a quarantined rule again.
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Have a running engine call a quarantined rule again.",
    discussion: """
      A rule that failed too often is not called any more. A new version of it is by itself; this is for one that \
      is to go on as it is. Its state and its windows are as they were. Exit 1 when the engine refuses, 4 when none \
      runs.

      Example: betterbot resume sweep --db betterbot.db
      """)

  @Argument(help: "The rule, as betterbot status names it.") var rule: String
  @OptionGroup var engine: EngineOptions

  func validate() throws {
    if !RuleSources.isRuleID(rule) { throw ValidationError("'\(rule)' is no rule's name") }
  }

  func run() throws { try engine.tell("resume \(rule)") }
}

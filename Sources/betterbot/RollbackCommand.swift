import ArgumentParser

/// `betterbot rollback`: has a running engine go back to the rules before.
struct RollbackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Have a running engine go back to the rules it had before.",
    discussion: """
      The folder stays as it is; what is in it comes into use with its next change, or with betterbot reload. \
      Exit 1 when the engine refuses, 4 when none runs.

      Example: betterbot rollback --db betterbot.db
      """)

  @OptionGroup var engine: EngineOptions

  func run() throws { try engine.tell("rollback") }
}

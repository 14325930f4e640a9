import ArgumentParser

/// `betterbot reload`: has a running engine read its rules again.
struct ReloadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reload", abstract: "Have a running engine read its rules again, at once.",
    discussion: """
      It does so by itself when the folder changes. This is for at once, in spite of a file .hold in the folder, \
      and for rules that were refused before. Exit 1 when the engine refuses them and goes on with those it has, \
      4 when none runs.

      Example: betterbot reload --db betterbot.db && rm rules/.hold
      """)

  @OptionGroup var engine: EngineOptions

  func run() throws { try engine.tell("reload") }
}

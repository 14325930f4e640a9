import ArgumentParser

/// `betterbot fixture`: makes tests out of what happened.
struct FixtureCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fixture", abstract: "Make tests of rules out of what happened.",
    subcommands: [FromSignal.self])
}

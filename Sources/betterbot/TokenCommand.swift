import ArgumentParser
import Broadcast
import Journal

/// `betterbot token`: who may use the API.
struct TokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token", abstract: "Make, list and revoke the tokens of the API.",
    discussion: """
      Changes count at once, also while an engine runs.

      Example: TOKEN=$(betterbot token create grafana --role viewer --expires 90d)
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  /// Makes a change; returns what became of it.
  static func change(_ edit: TokenEdit, _ engine: EngineOptions, needsJournal: Bool) throws -> String {
    try engine.change(edit.line, needsJournal: needsJournal) { journal throws(JournalError) in
      let outcome = try edit.apply(to: journal)
      if case .done = outcome { return (true, outcome.text) }
      return (false, outcome.text)
    }
  }
}

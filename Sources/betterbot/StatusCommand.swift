import ArgumentParser

/// `betterbot status`: what a running engine says of itself.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Ask a running engine how it does; exit 4 when none runs.",
    discussion: """
      Example: betterbot status --db betterbot.db --format json | jq .lag_ms
      """)

  enum Format: String, ExpressibleByArgument { case human, json }

  @OptionGroup var engine: EngineOptions
  @Option(name: .long, help: "human or json.") var format = Format.human

  func run() throws {
    Output.standard.write(try engine.ask(format == .json ? "status json" : "status"))
  }
}

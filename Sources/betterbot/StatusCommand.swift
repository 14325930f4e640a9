import ArgumentParser
import Glibc
import Pipeline

/// `betterbot status`: what a running engine says of itself.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Ask a running engine how it does; exit 4 when none runs.",
    discussion: """
      Example: betterbot status --db betterbot.db --format json | jq .lag_ms
      """)

  enum Format: String, ExpressibleByArgument { case human, json }

  @Option(name: .long, help: "The journal of the engine. (default: betterbot.db, or the configuration's)")
  var db: String?
  @Option(name: .long, help: "The configuration. (default: betterbot.yaml, which need not be there)")
  var config: String?
  @Option(name: .long, help: "human or json.") var format = Format.human

  func run() throws {
    let (path, database) = try socket()
    do throws(ControlSocket.Failure) {
      let line = format == .json ? "status json" : "status"
      Output.standard.write(try ControlSocket.ask(path: path, line: line))
    } catch {
      if error.code == .nobody {
        throw Output.fail("no engine is running on \(database)", .noEngine)
      }
      throw Output.fail(error.description, .noEngine)
    }
  }

  /// Where the engine listens, and the journal for messages.
  private func socket() throws -> (path: String, database: String) {
    var flags = ConfigurationFlags()
    flags.file = config
    flags.values["db"] = db
    do throws(ConfigurationError) {
      let configuration = try Configuration.read(flags, environment: ConfigurationOptions.environment)
      return (configuration.socketPath, configuration.database)
    } catch {
      throw Output.fail(error.description, .badInput)
    }
  }
}

import Documents
import ArgumentParser
import Pipeline

/// The running engine that a command talks to.
struct EngineOptions: ParsableArguments {
  @Option(name: .long, help: "The journal of the engine. (default: betterbot.db, or the configuration's)")
  var db: String?
  @Option(name: .long, help: "The configuration. (default: betterbot.yaml, which need not be there)")
  var config: String?

  /// Sends a line and returns the answer; says what is wrong and ends with 4 when there is none.
  func ask(_ line: String, timeout: Duration = .seconds(10)) throws -> [UInt8] {
    let (path, database) = try socket()
    do throws(ControlSocket.Failure) {
      return try ControlSocket.ask(path: path, line: line, timeout: timeout)
    } catch {
      if error.code == .nobody {
        throw Output.fail("no engine is running on \(database)", .noEngine)
      }
      throw Output.fail(error.description, .noEngine)
    }
  }

  /// Has the engine do something, and prints what became of it; ends with 1 when it refuses.
  ///
  /// The first line of its answer is `done` or `refused`, the others are for people.
  func tell(_ line: String) throws {
    // Windows may have to be rebuilt from a long journal.
    let answer = String(decoding: try ask(line, timeout: .seconds(600)), as: UTF8.self)
    var lines = answer.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    switch lines.first {
    case "done": for line in lines.dropFirst() { Output.standard.line(String(line)) }
    case "refused":
      for line in lines.dropFirst() { Output.error.line(String(line)) }
      throw ExitCode.refused
    default:
      let words = lines.first.map { ": \($0)" } ?? ""
      throw Output.fail("the engine is of another version and does not know '\(line)'\(words)", .noEngine)
    }
  }

  /// Where the engine listens, and the journal for messages.
  func socket() throws -> (path: String, database: String) {
    var flags = ConfigurationFlags()
    flags.file = config
    flags.values["db"] = db
    do throws(PlacedProblem) {
      let configuration = try Configuration.read(flags, environment: ConfigurationOptions.environment)
      return (configuration.socketPath, configuration.database)
    } catch {
      throw Output.fail(error.description, .badInput)
    }
  }
}

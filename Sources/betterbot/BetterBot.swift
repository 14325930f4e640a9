import ArgumentParser
import Glibc

/// The program: one subcommand a file.
@main
struct BetterBot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "betterbot",
    abstract: "Rules over the order flow of prediction markets.",
    discussion: """
      Exit codes: 0 fine, 1 a comparison failed or a reload was refused, 2 a rule does not load,
      3 bad usage, file or journal, 4 no engine.
      """,
    subcommands: [
      RunCommand.self, ReplayCommand.self, RecordCommand.self, InitCommand.self, NewCommand.self,
      CheckCommand.self, TestCommand.self,
      MutateCommand.self, SignalsCommand.self, DiffCommand.self, FixtureCommand.self,
      WhyCommand.self, StatusCommand.self, ReloadCommand.self, RollbackCommand.self, ResumeCommand.self,
      TokenCommand.self, WebhookCommand.self, SimulateCommand.self, DebugCommand.self,
    ])

  /// Bad usage ends with 3 and not with the library's 64: 2 and 3 are promised in the documentation.
  @MainActor static func main() async {
    // A closed pipe (`| head`) is an error of write and not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    // Whoever starts the program may block signals in his own thread; they are not blocked here for that.
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
    do {
      var command = try parseAsRoot()
      if let command = command as? any LongRunningCommand {
        try await command.serve()
      } else {
        try command.run()
      }
    } catch {
      let code = exitCode(for: error)
      let message = fullMessage(for: error)
      if !message.isEmpty {
        if code.isSuccess {
          Output.standard.write(message + "\n")
        } else {
          Output.error.write(message + "\n")
        }
      }
      Output.standard.flush()
      Glibc.exit(code == .validationFailure ? 3 : code.rawValue)
    }
    Output.standard.flush()
  }
}

extension ExitCode {
  /// Tests, a diff or a comparison failed.
  static let differs = ExitCode(1)
  /// The engine does not do what it was asked for.
  static let refused = ExitCode(1)
  /// A rule does not load.
  static let badRule = ExitCode(2)
  /// Bad usage, file, fixture or journal.
  static let badInput = ExitCode(3)
  /// No engine runs, or it does not answer.
  static let noEngine = ExitCode(4)
}

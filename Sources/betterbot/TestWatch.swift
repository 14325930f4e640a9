import ArgumentParser
import Glibc
import Pipeline

/// Runs the tests again whenever something that they depend on has changed.
struct TestWatch {
  private let command: TestCommand

  init(_ command: TestCommand) { self.command = command }

  /// Goes on until the process is ended.
  func run() throws -> Never {
    var before = TestStamps.of(command.ruleOptions.rules)
    while true {
      if Output.standard.isInteractive { Output.standard.write("\u{1B}[2J\u{1B}[H") }
      // What is wrong with a file is said, and mended in the next moment.
      do { _ = try command.once() } catch is ExitCode {}
      Output.standard.line("waiting for changes of \(command.ruleOptions.rules)")
      Output.standard.flush()
      while true {
        usleep(200_000)
        let now = TestStamps.of(command.ruleOptions.rules)
        if now != before {
          before = now
          break
        }
      }
    }
  }
}

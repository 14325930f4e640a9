import Documents
import ArgumentParser

/// A duration on the command line, as in the configuration; 0 needs no unit.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
  let duration: Duration
  let description: String

  /// The same in whole milliseconds.
  var milliseconds: Int64 { Int64(duration / .milliseconds(1)) }

  init?(argument: String) {
    guard let duration = argument == "0" ? .zero : DurationText.parse(argument) else { return nil }
    self.duration = duration
    description = argument
  }
}

/// What is wrong with a configuration: `betterbot.yaml:12: …`, `BETTERBOT_DB: …` or `--feed: …`.
struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  /// File and line, variable or flag.
  var origin: String
  /// What is wrong there, and what is wanted.
  var message: String

  /// Places a message.
  init(_ origin: String, _ message: String) {
    self.origin = origin
    self.message = message
  }

  /// One line for the user.
  var description: String { origin.isEmpty ? message : "\(origin): \(message)" }
}

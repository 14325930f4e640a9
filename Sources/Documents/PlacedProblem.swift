/// What is wrong with what somebody wrote: `betterbot.yaml:12: …`, `BETTERBOT_DB: …` or `--feed: …`.
public struct PlacedProblem: Error, Equatable, CustomStringConvertible {
  /// File and line, variable or flag.
  public var origin: String
  /// What is wrong there, and what is wanted.
  public var message: String

  /// Places a message.
  public init(_ origin: String, _ message: String) {
    self.origin = origin
    self.message = message
  }

  /// One line for the user.
  public var description: String { origin.isEmpty ? message : "\(origin): \(message)" }
}

/// Why a simulator does not start; one line for the user that says what to do.
public struct SimulatorError: Error, Equatable, CustomStringConvertible {
  /// What went wrong.
  public let description: String

  init(_ description: String) { self.description = description }
}

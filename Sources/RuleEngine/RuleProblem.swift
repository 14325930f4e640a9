/// Why a rule does not load: what is wrong, where, and what to do.
public struct RuleProblem: Error, Equatable, Sendable {
  /// The rule's id.
  public var rule: String
  /// The file as the user knows it, such as `sweep.lua`.
  public var file: String
  /// Line in the file, 0 when it concerns the file as a whole.
  public var line: Int
  /// What is wrong and what to do; no file or line in it.
  public var message: String

  /// Names the place and the problem.
  public init(rule: String, file: String, line: Int, message: String) {
    self.rule = rule
    self.file = file
    self.line = line
    self.message = message
  }
}

extension RuleProblem: CustomStringConvertible {
  /// `file:line: message`.
  public var description: String { line > 0 ? "\(file):\(line): \(message)" : "\(file): \(message)" }
}

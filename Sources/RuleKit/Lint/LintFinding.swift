/// One thing that the lint found in a rule or a library.
public struct LintFinding: Equatable, Sendable, CustomStringConvertible {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// The file is refused.
    case error
    /// The file is taken.
    case warning
  }

  /// What was looked for.
  public var check: LintCheck
  /// The file as the user knows it, such as `sweep.lua` or `lib/outcome.lua`.
  public var file: String
  /// Line, from 1.
  public var line: Int
  /// Column in bytes, from 1.
  public var column: Int
  /// What is wrong and what to do, without the place.
  public var message: String

  /// How bad it is.
  public var severity: Severity { check.severity }
  /// The name to allow it by.
  public var name: String { check.rawValue }
  /// `file:line:column: severity: message [name]`.
  public var description: String { "\(file):\(line):\(column): \(severity.rawValue): \(message) [\(name)]" }
}

/// Why a text is not Lua, in the words of Lua's own compiler, and where.
public struct LuaSyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
  /// Line of the error, from 1: where the reader stood, which for an unclosed block is the end of the file.
  public var line: Int
  /// Column of the error in bytes, from 1.
  public var column: Int
  /// What is wrong, such as `unexpected symbol near '='`.
  public var message: String

  /// Takes the parts of an error.
  public init(line: Int, column: Int, message: String) {
    self.line = line
    self.column = column
    self.message = message
  }

  /// `LINE:COLUMN: MESSAGE`.
  public var description: String { "\(line):\(column): \(message)" }
}

/// A comment of a Lua text.
public struct LuaComment: Equatable, Sendable {
  /// Its bytes, dashes and brackets included; the line break after a short one is not.
  public var range: Range<Int>
  /// The line of its first dash, from 1.
  public var line: Int
  /// The line of its last byte; more than `line` for a long comment only.
  public var lastLine: Int
}

/// Statements in a row, with a scope of their own.
public struct LuaBlock: Sendable {
  /// The statements, `;` included.
  public var statements: [LuaStatement] = []
  /// From the end of the token before it to the start of the token after it: text put at either edge is
  /// inside the block.
  public var range: Range<Int> = 0..<0
}

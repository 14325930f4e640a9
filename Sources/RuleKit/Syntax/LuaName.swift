/// A name as it is written somewhere: a field, a method, a label.
public struct LuaName: Equatable, Sendable {
  /// The name. Lua's names are ASCII.
  public var text: String
  /// Its bytes in the text.
  public var range: Range<Int>
  /// Its line, from 1.
  public var line: Int
}

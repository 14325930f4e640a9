/// One token of Lua, and where it stands.
struct LuaToken: Sendable {
  /// What it is, with its value.
  enum Kind: Equatable, Sendable {
    case mark(LuaMark)
    case name(String)
    case string([UInt8])
    case integer(Int64)
    case float(Double)
    /// A byte that begins no token.
    case byte(UInt8)
    case end
  }

  var kind: Kind
  /// Its bytes in the text.
  var range: Range<Int>
  /// The line of its first byte, from 1.
  var line: Int

  /// Whether it is this word or symbol.
  func `is`(_ mark: LuaMark) -> Bool { kind == .mark(mark) }
}

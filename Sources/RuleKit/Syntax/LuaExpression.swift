/// One expression of Lua. Expressions name each other by number: a chain of calls may be as long as the text,
/// and nothing that looks at one needs to recurse.
public struct LuaExpression: Sendable {
  /// Number of an expression in its chunk. Every part of an expression has a lower number than the whole.
  public struct ID: Hashable, Sendable {
    /// Place in `LuaChunk.expressions`.
    public var index: Int
  }

  /// An item of a table constructor.
  public enum Item: Sendable {
    /// `x`
    case positional(ID)
    /// `name = x`
    case named(LuaName, ID)
    /// `[k] = x`
    case keyed(ID, ID)
  }

  /// The expressions of Lua 5.4.
  public enum Kind: Sendable {
    case `nil`, `true`, `false`
    /// `...`
    case vararg
    /// A whole number.
    case integer(Int64)
    /// Any other number.
    case float(Double)
    /// A text, its escapes resolved: any bytes.
    case string([UInt8])
    /// A local of the function that the expression is in.
    case local(LuaLocal.ID)
    /// A local of a function around.
    case upvalue(LuaLocal.ID)
    /// No local of that name is visible.
    case global(String)
    /// `a.name`
    case field(ID, LuaName)
    /// `a[b]`
    case index(ID, ID)
    /// `f(x)`, `f "x"`, `f { x }`
    case call(ID, [ID])
    /// `a:name(x)`; also the place `function a:name()` assigns to, then without arguments.
    case method(ID, LuaName, [ID])
    /// `function() end`
    case function(LuaFunction.ID)
    /// `{ }`
    case table([Item])
    /// `not a`
    case unary(LuaUnaryOperator, ID)
    /// `a + b`
    case binary(LuaBinaryOperator, ID, ID)
    /// `(a)`: one value, and no place to assign to.
    case parenthesized(ID)
  }

  /// What it is.
  public var kind: Kind
  /// Its bytes.
  public var range: Range<Int>
  /// The line of its first byte, from 1.
  public var line: Int
}

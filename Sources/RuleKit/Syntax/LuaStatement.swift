/// One statement of Lua.
public struct LuaStatement: Sendable {
  /// A condition of an `if` and what it leads to.
  public struct Clause: Sendable {
    /// What is tested.
    public var condition: LuaExpression.ID
    /// What is done when it holds.
    public var block: LuaBlock
  }

  /// The statements of Lua 5.4.
  public indirect enum Kind: Sendable {
    /// `;`
    case empty
    /// `local a, b = x, y`
    case local([LuaLocal.ID], [LuaExpression.ID])
    /// `local function f() end`
    case localFunction(LuaLocal.ID, LuaFunction.ID)
    /// `function a.b:c() end`: the place that is assigned to, and the function.
    case function(LuaExpression.ID, LuaFunction.ID)
    /// `a, b.c = x, y`
    case assignment([LuaExpression.ID], [LuaExpression.ID])
    /// `f(x)`
    case call(LuaExpression.ID)
    /// `do end`
    case `do`(LuaBlock)
    /// `while c do end`
    case `while`(LuaExpression.ID, LuaBlock)
    /// `repeat until c`; the condition sees the block's locals.
    case `repeat`(LuaBlock, LuaExpression.ID)
    /// `if c then elseif d then else end`
    case `if`([Clause], LuaBlock?)
    /// `for i = from, to, step do end`
    case numericFor(LuaLocal.ID, [LuaExpression.ID], LuaBlock)
    /// `for a, b in x, y do end`
    case genericFor([LuaLocal.ID], [LuaExpression.ID], LuaBlock)
    /// `::name::`
    case label(LuaName)
    /// `goto name`
    case goto(LuaName)
    /// `break`
    case `break`
    /// `return x, y`
    case `return`([LuaExpression.ID])
  }

  /// What it is.
  public var kind: Kind
  /// Its bytes, without a `;` that follows; with one for `return`.
  public var range: Range<Int>
  /// The line of its first byte, from 1.
  public var line: Int
}

/// Sees the parts of a chunk in the order of the text, wholes around parts. What it does not implement, it
/// passes over.
public protocol LuaVisitor {
  /// A statement begins; false leaves out what is in it, its end included.
  mutating func enter(_ statement: LuaStatement) -> Bool
  /// A statement ends.
  mutating func leave(_ statement: LuaStatement)
  /// A block begins, the body of a function included.
  mutating func enter(_ block: LuaBlock)
  /// A block ends.
  mutating func leave(_ block: LuaBlock)
  /// An expression begins; false leaves out what is in it, its end included.
  mutating func enter(_ expression: LuaExpression.ID) -> Bool
  /// An expression ends.
  mutating func leave(_ expression: LuaExpression.ID)
  /// A function begins, with its parameters.
  mutating func enter(_ function: LuaFunction.ID)
  /// A function ends.
  mutating func leave(_ function: LuaFunction.ID)
}

extension LuaVisitor {
  /// Goes on into the statement.
  public mutating func enter(_ statement: LuaStatement) -> Bool { true }
  /// Does nothing.
  public mutating func leave(_ statement: LuaStatement) {}
  /// Does nothing.
  public mutating func enter(_ block: LuaBlock) {}
  /// Does nothing.
  public mutating func leave(_ block: LuaBlock) {}
  /// Goes on into the expression.
  public mutating func enter(_ expression: LuaExpression.ID) -> Bool { true }
  /// Does nothing.
  public mutating func leave(_ expression: LuaExpression.ID) {}
  /// Does nothing.
  public mutating func enter(_ function: LuaFunction.ID) {}
  /// Does nothing.
  public mutating func leave(_ function: LuaFunction.ID) {}
}

/// A place in a rule's text where an instrumented run tells what it does.
public struct Probe: Equatable, Sendable {
  /// What it tells.
  public enum Kind: Equatable, Sendable {
    /// A statement begins.
    case line(isReturn: Bool)
    /// An operand of a comparison has a value.
    case operand(of: LuaExpression.ID, isLeft: Bool)
    /// A condition has a value: the part of a clause's condition that `and`, `or` and `not` put together. With
    /// `isNegated` the clause wants it to be false.
    case test(clause: Int, part: Int, isNegated: Bool)
    /// A function begins whose first statement does not tell that.
    case entry
    /// The whole condition of an `if` or a loop has a value.
    case branch
    /// An operand of `and` or `or` has a value. With `decides` its truth matters: it says what comes next, or is
    /// a condition itself.
    case choice(decides: Bool)
  }

  /// What it tells.
  public var kind: Kind
  /// The expression whose value it sees, nil of a statement.
  public var expression: LuaExpression.ID?
  /// The bytes of the statement, the expression or the function.
  public var range: Range<Int>
  /// The line of the statement, or where the expression begins, from 1.
  public var line: Int
  /// The function that it is in.
  public var function: LuaFunction.ID
}

/// A condition of an `if` or a loop, and what it decides about.
public struct ProbedClause: Sendable {
  /// The statement that it belongs to.
  public enum Kind: Equatable, Sendable {
    case `if`, `while`, until
  }

  /// The statement that it belongs to.
  public var kind: Kind
  /// What is tested.
  public var condition: LuaExpression.ID
  /// Line of the condition, from 1.
  public var line: Int
  /// The function that it is in.
  public var function: LuaFunction.ID
  /// What is done when it holds; empty after `until`.
  public var block: LuaBlock
  /// Whether `block` ends the function, the loop, or jumps.
  public var leaves: Bool
  /// Whether a signal can come from `block`.
  public var leadsToSignal = false
  /// Whether a signal can come from what is done when it does not hold.
  public var elseLeadsToSignal = false
}

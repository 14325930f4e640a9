/// A local variable: its declaration, and what the chunk does with it.
public struct LuaLocal: Equatable, Sendable {
  /// Number of a local in its chunk, in the order of declaration.
  public struct ID: Hashable, Sendable {
    /// Place in `LuaChunk.locals`.
    public var index: Int
  }

  /// How it was declared.
  public enum Kind: Equatable, Sendable {
    /// `local x`.
    case variable
    /// `local function f`.
    case function
    /// A parameter, and the `self` that a method has without writing it.
    case parameter
    /// A name of a `for`.
    case loop
  }

  /// `<const>` or `<close>`.
  public enum Attribute: Equatable, Sendable {
    case constant, close
  }

  /// Its name.
  public var name: String
  /// The bytes of the name where it is declared; for an implicit `self` those of the method's name.
  public var range: Range<Int>
  /// The line of the declaration, from 1.
  public var line: Int
  /// How it was declared.
  public var kind: Kind
  /// The attribute that it has, if any.
  public var attribute: Attribute?
  /// The function whose variable it is.
  public var function: LuaFunction.ID
  /// The visible local of the same name that it hides from here on.
  public var shadows: ID?
  /// How often it is read.
  public var uses = 0
  /// How often it is assigned to after its declaration.
  public var assignments = 0
  /// Whether an inner function reads or assigns it.
  public var isCaptured = false
}

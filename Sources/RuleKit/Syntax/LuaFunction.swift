/// A function of a chunk, the chunk itself included.
public struct LuaFunction: Sendable {
  /// Number of a function in its chunk; 0 is the chunk itself, others by where they begin.
  public struct ID: Hashable, Sendable {
    /// Place in `LuaChunk.functions`.
    public var index: Int

    /// The chunk itself.
    public static let main = ID(index: 0)
  }

  /// Its parameters in order; a method's first is `self`.
  public var parameters: [LuaLocal.ID] = []
  /// Whether it takes `...`.
  public var isVararg = false
  /// Whether it was declared as `function a:b()`.
  public var isMethod = false
  /// What it does.
  public var body = LuaBlock()
  /// Its bytes: from the `(` of the parameters' list for `function name()` and from `function` for a value, to
  /// the `end`.
  public var range: Range<Int> = 0..<0
  /// The line where it begins, from 1.
  public var line = 1
  /// The function around it; nil for the chunk.
  public var parent: ID?
}

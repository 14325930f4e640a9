/// Where a function begins, and how it was declared.
struct FunctionStart {
  /// Its first byte.
  var offset: Int
  /// The line of that byte.
  var line: Int
  /// The line that errors give for it.
  var reportedLine: Int
  /// Its name after the colon, when it is a method.
  var method: LuaName?
}

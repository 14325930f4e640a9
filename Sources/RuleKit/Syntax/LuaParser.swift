/// Reads Lua 5.4 and accepts what its own compiler accepts, limits included.
public enum LuaParser {
  /// Reads a text. `callDepth` is how many C calls the compiler would be called from, which count as levels of
  /// nesting: 1 for `luac -p`. A byte order mark and a first line with `#` are skipped when `isFile` is set, as
  /// Lua does for files only. The deepest texts take half a megabyte of stack, and some more unoptimized.
  public static func parse(
    _ bytes: [UInt8], callDepth: Int = 1, isFile: Bool = false
  ) throws(LuaSyntaxError) -> LuaChunk {
    let start = isFile ? textStart(bytes) : 0
    return try ChunkReader(bytes, from: start, level: callDepth).read()
  }

  /// Where the text of a file begins: after the mark, and at the end of a first line that is not Lua.
  private static func textStart(_ bytes: [UInt8]) -> Int {
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    guard start < bytes.count, bytes[start] == UInt8(ascii: "#") else { return start }
    while start < bytes.count, bytes[start] != UInt8(ascii: "\n") { start += 1 }
    return start
  }
}

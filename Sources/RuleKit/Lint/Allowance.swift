/// What a comment allows: `-- betterbot: allow NAME, NAME and a reason`.
struct Allowance {
  /// The names in it; none when the comment is about something else.
  private(set) var names: [String] = []
  /// Its line, and the next when it stands alone.
  private(set) var lines: [Int] = []

  init(_ comment: LuaComment, in chunk: LuaChunk) {
    let text = chunk.text(comment.range).drop { "-[= \t".contains($0) }
    guard let start = text.firstRange(of: "betterbot: allow "), start.lowerBound == text.startIndex else {
      return
    }
    for piece in text[start.upperBound...].split(separator: ",") {
      let words = piece.split { $0.isWhitespace || $0 == "]" }
      if let name = words.first { names.append(String(name.prefix { $0.isLetter || $0 == "-" })) }
      if words.count != 1 { break }
    }
    lines = [comment.lastLine]
    if Allowance.isAlone(comment, in: chunk) { lines.append(comment.lastLine + 1) }
  }

  /// Whether only blanks are before it in its line.
  private static func isAlone(_ comment: LuaComment, in chunk: LuaChunk) -> Bool {
    let column = chunk.column(of: comment.range.lowerBound)
    let start = comment.range.lowerBound - column + 1
    return chunk.bytes[start..<comment.range.lowerBound].allSatisfy { $0 == 0x20 || $0 == 0x09 }
  }
}

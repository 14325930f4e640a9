/// Reads one text by recursive descent, one function of Lua's grammar after the other, and counts what Lua
/// limits: levels of nesting, variables, upvalues, registers.
final class ChunkReader {
  /// A label, or a `goto` whose label was not found yet. `break` is a `goto` to the label "break".
  struct Jump {
    var name: String
    var line: Int
    /// Active variables of the function there.
    var activeCount: Int
  }

  /// Levels of nesting from which Lua reports a stack overflow.
  static let levelLimit = 200
  /// Entries that an instruction can name as a constant.
  static let constantLimit = 255

  var lexer: LuaLexer
  var token: LuaToken
  var lookahead: LuaToken?
  /// Where the last consumed token ended.
  var previousEnd = 0
  var level: Int
  var chunk: LuaChunk
  var frames: [FunctionFrame] = []
  var frame: FunctionFrame
  var variables: [FunctionFrame.Variable] = []
  var labels: [Jump] = []
  var gotos: [Jump] = []
  /// Lua looks constants up in one table for all functions, which costs some functions a second entry.
  var constantPlaces: [FunctionFrame.Constant: Int] = [:]

  init(_ bytes: [UInt8], from start: Int, level: Int) {
    lexer = LuaLexer(bytes, from: start)
    token = LuaToken(kind: .end, range: start..<start, line: 1)
    chunk = LuaChunk(bytes: bytes)
    frame = FunctionFrame(id: .main, line: 0, firstVariable: 0, firstLabel: 0)
    self.level = level
  }

  /// Reads all of it.
  func read() throws(LuaSyntaxError) -> LuaChunk {
    if lexer.current == 0x1B {
      throw LuaSyntaxError(line: 1, column: 1, message: "attempt to load a binary chunk (mode is 't')")
    }
    chunk.functions.append(LuaFunction())
    open(frame)
    frame.isVararg = true
    frame.upvalues.append(FunctionFrame.Upvalue(name: "_ENV", local: nil, kind: .regular))
    let start = lexer.position
    try advance()
    let statements = try readStatements()
    guard case .end = token.kind else { throw expected("<eof>") }
    try leaveBlock()
    let range = start..<lexer.bytes.count
    chunk.functions[0] = LuaFunction(
      isVararg: true, body: LuaBlock(statements: statements, range: range), range: range)
    chunk.comments = lexer.comments
    chunk.lineStarts = lexer.lineStarts
    return chunk
  }

  // MARK: - Tokens

  /// Goes to the next token.
  func advance() throws(LuaSyntaxError) {
    previousEnd = token.range.upperBound
    if let next = lookahead {
      token = next
      lookahead = nil
    } else {
      token = try lexer.next()
    }
  }

  /// The token after this one.
  func peek() throws(LuaSyntaxError) -> LuaToken {
    if let lookahead { return lookahead }
    let next = try lexer.next()
    lookahead = next
    return next
  }

  /// Passes a token when it is this one.
  func accept(_ mark: LuaMark) throws(LuaSyntaxError) -> Bool {
    guard token.is(mark) else { return false }
    try advance()
    return true
  }

  /// Passes a token that must be this one.
  func expect(_ mark: LuaMark) throws(LuaSyntaxError) {
    guard token.is(mark) else { throw expected("'\(mark.rawValue)'") }
    try advance()
  }

  /// Passes the token that closes something which began at a line.
  func expect(_ mark: LuaMark, closing opener: LuaMark, at line: Int) throws(LuaSyntaxError) {
    if token.is(mark) { return try advance() }
    guard line != lexer.line else { throw expected("'\(mark.rawValue)'") }
    throw error("'\(mark.rawValue)' expected (to close '\(opener.rawValue)' at line \(line))")
  }

  /// Passes a name.
  func expectName() throws(LuaSyntaxError) -> LuaName {
    guard case .name(let text) = token.kind else { throw expected("<name>") }
    let name = LuaName(text: text, range: token.range, line: token.line)
    try advance()
    return name
  }

  // MARK: - Errors

  /// An error at the current token, which it names.
  func error(_ message: String) -> LuaSyntaxError {
    var error = plainError(message)
    switch token.kind {
    case .byte(0): break
    case .end: error.message += " near <eof>"
    case .byte(let byte) where byte < 0x20 || byte >= 0x7F: error.message += " near '<\\\(byte)>'"
    case .string(let content): error.message += " near '\(LuaLexer.shown(quoted(content)))'"
    default: error.message += " near '\(chunk.text(token.range))'"
    }
    return error
  }

  /// The string of the current token as Lua keeps it: its escapes resolved, between its own brackets.
  private func quoted(_ content: [UInt8]) -> [UInt8] {
    let source = chunk.bytes[token.range]
    guard source.first == UInt8(ascii: "[") else { return source.prefix(1) + content + source.suffix(1) }
    let level = source.dropFirst().prefix { $0 == UInt8(ascii: "=") }.count + 2
    return source.prefix(level) + content + source.suffix(level)
  }

  /// An error at the current token that does not name it.
  func plainError(_ message: String) -> LuaSyntaxError {
    let before = lexer.lineStarts.last { $0 <= token.range.lowerBound } ?? 0
    return LuaSyntaxError(line: lexer.line, column: token.range.lowerBound - before + 1, message: message)
  }

  func expected(_ what: String) -> LuaSyntaxError { error("\(what) expected") }

  /// An error for more of something than Lua allows in a function.
  func tooMany(_ what: String, limit: Int, in frame: FunctionFrame) -> LuaSyntaxError {
    let place = frame.line == 0 ? "main function" : "function at line \(frame.line)"
    return error("too many \(what) (limit is \(limit)) in \(place)")
  }

  // MARK: - Levels

  /// Enters a level of nesting; the caller leaves it.
  func enterLevel() throws(LuaSyntaxError) {
    level += 1
    if level >= ChunkReader.levelLimit { throw plainError("C stack overflow") }
  }

  func leaveLevel() { level -= 1 }
}

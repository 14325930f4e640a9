import Testing

@testable import RuleKit

@Suite("The tree of a Lua text")
struct LuaTreeTests {
  static func parse(_ text: String) throws -> LuaChunk { try LuaParser.parse(Array(text.utf8)) }

  /// Writes down what it is shown.
  private struct Recorder: LuaVisitor {
    let chunk: LuaChunk
    var seen: [String] = []
    var depth = 0

    mutating func enter(_ expression: LuaExpression.ID) -> Bool {
      depth += 1
      seen.append(chunk.text(chunk[expression].range))
      return true
    }

    mutating func leave(_ expression: LuaExpression.ID) { depth -= 1 }
  }

  @Test("expressions carry their bytes, wholes around parts")
  func expressions() throws {
    let chunk = try Self.parse("local a = b.c:d(1, 'x')[2] + -#e .. (f) -- done\nreturn a")
    var recorder = Recorder(chunk: chunk)
    chunk.walk(&recorder)
    #expect(
      recorder.seen == [
        "b.c:d(1, 'x')[2] + -#e .. (f)", "b.c:d(1, 'x')[2] + -#e", "b.c:d(1, 'x')[2]", "b.c:d(1, 'x')", "b.c",
        "b", "1", "'x'", "2", "-#e", "#e", "e", "(f)", "f", "a",
      ])
    #expect(recorder.depth == 0)
    #expect(chunk.comments == [LuaComment(range: 40..<47, line: 1, lastLine: 1)])
  }

  @Test("every part of every text is inside its whole, and is Lua by itself")
  func ranges() {
    for text in Scenery.rules + Scenery.embedded + LuaSamples.small.map({ Array($0.utf8) }) {
      guard let chunk = try? LuaParser.parse(text) else { continue }
      for whole in chunk.expressions {
        for part in whole.parts { #expect(whole.range.contains(chunk[part].range)) }
        if case .method(_, _, let arguments) = whole.kind, arguments.isEmpty { continue }
        let alone = Array("local function f(...) return ".utf8) + text[whole.range] + Array(" end".utf8)
        #expect((try? LuaParser.parse(alone)) != nil, "\(String(decoding: alone, as: UTF8.self))")
      }
      for function in chunk.functions {
        #expect(function.range.contains(function.body.range))
        let body = Array("return function(...) ".utf8) + text[function.body.range] + Array("\nend".utf8)
        #expect((try? LuaParser.parse(body)) != nil, "\(String(decoding: body, as: UTF8.self))")
      }
      for local in chunk.locals where local.name != "self" { #expect(chunk.text(local.range) == local.name) }
    }
  }

  @Test("a name is a local, one of a function around, or a global")
  func names() throws {
    let chunk = try Self.parse(
      "local a, b <const> = 1, 2\nlocal function f(c) a = c + b + d end\nreturn a, _ENV")
    var kinds: [String: LuaExpression.Kind] = [:]
    for expression in chunk.expressions where expression.range.count == 1 {
      kinds["\(chunk.text(expression.range))\(expression.line)"] = expression.kind
    }
    guard case .upvalue(let a) = kinds["a2"], case .local(a) = kinds["a3"], case .local = kinds["c2"],
      case .upvalue(let b) = kinds["b2"], case .global("d") = kinds["d2"]
    else {
      Issue.record("\(kinds)")
      return
    }
    #expect(chunk[a].uses == 1)
    #expect(chunk[a].assignments == 1)
    #expect(chunk[a].isCaptured)
    #expect(chunk[b].attribute == .constant)
    #expect(chunk[b].uses == 1)
    #expect(chunk.locals.map(\.name) == ["a", "b", "f", "c"])
    #expect(chunk.locals.map(\.kind) == [.variable, .variable, .function, .parameter])
    #expect(chunk[chunk.locals[3].function].parent == .main)
  }

  @Test("a local knows the one that it hides")
  func shadows() throws {
    let chunk = try Self.parse(
      "local a = 1 do local a = a end local b = function(a, b) end for a = 1, 2 do end")
    #expect(chunk.locals.map { $0.shadows?.index } == [nil, 0, nil, 0, nil, 0])
  }

  @Test("a label's statement comes before what does nothing after it")
  func labels() throws {
    let text = "goto a ::a:: ; ::b:: x()"
    let chunk = try Self.parse(text)
    #expect(chunk.body.statements.map { chunk.text($0.range) } == ["goto a", "::a::", ";", "::b::", "x()"])
  }

  @Test("lines and columns count from one, and any line break is one")
  func columns() throws {
    let chunk = try Self.parse("x()\r\ny()\n\n  z()")
    #expect(chunk.body.statements.map(\.line) == [1, 2, 4])
    #expect(chunk.column(of: chunk.body.statements[2].range.lowerBound) == 3)
    #expect(throws: LuaSyntaxError(line: 2, column: 3, message: "syntax error near '='")) {
      try Self.parse("x()\n  = 1")
    }
  }

  @Test("chains as long as the text are read, walked and freed")
  func longChains() throws {
    let links = 50_000
    for link in [".b", "()", " + 1", " or x"] {
      let chunk = try Self.parse("x = a" + String(repeating: link, count: links))
      var recorder = Counter()
      chunk.walk(&recorder)
      #expect(recorder.count > links)
    }
  }

  private struct Counter: LuaVisitor {
    var count = 0
    mutating func enter(_ expression: LuaExpression.ID) -> Bool {
      count += 1
      return true
    }
  }

  @Test("the levels of nesting count from where the compiler is called")
  func callDepth() {
    let text = Array((String(repeating: "do ", count: 198) + String(repeating: "end ", count: 198)).utf8)
    #expect((try? LuaParser.parse(text, callDepth: 1)) != nil)
    #expect((try? LuaParser.parse(text, callDepth: 2)) == nil)
  }
}

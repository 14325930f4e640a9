import OrderFlow
import Testing

@testable import RuleEngine

/// A file that does not load: where the fault is, and a part of what is said about it.
private struct BadFile: Sendable, CustomStringConvertible {
  var name: String
  var line: Int
  var message: String
  var source: [UInt8]

  init(_ name: String, line: Int, _ message: String, _ source: [UInt8]) {
    self.name = name
    self.line = line
    self.message = message
    self.source = source
  }

  init(_ name: String, line: Int, _ message: String, _ source: String) {
    self.init(name, line: line, message, Array(source.utf8))
  }

  var description: String { name }
}

private let head = "local R = rule { title = 'x' }\n"
private let tail = "\nfunction R.on_order() end\nreturn R\n"

private let badFiles: [BadFile] = [
  BadFile("syntax error", line: 2, "'then' expected", head + "if x the end" + tail),
  BadFile("unfinished text", line: 2, "unfinished string", head + "local s = 'abc" + tail),
  BadFile(
    "100,000 parentheses", line: 2, "overflow",
    head + "local s = " + String(repeating: "(", count: 100_000) + tail),
  BadFile(
    "100,000 braces", line: 2, "overflow", head + "local s = " + String(repeating: "{", count: 100_000) + tail
  ),
  BadFile("empty file", line: 0, "must end with `return R`", ""),
  BadFile("only a byte order mark", line: 0, "must end with `return R`", "\u{FEFF}"),
  BadFile("300 KiB", line: 0, "over 256 KiB", head + "-- " + String(repeating: "x", count: 300 << 10) + tail),
  BadFile(
    "bytes that are no UTF-8", line: 2, "unexpected symbol",
    Array(head.utf8) + [0xFF, 0xFE, 0x80] + Array(tail.utf8)),
  BadFile("bytecode", line: 0, "binary chunk", [0x1B] + Array("Lua\u{54}\0\u{19}".utf8)),
  BadFile("NUL bytes", line: 1, "unexpected symbol", [0, 0, 0, 0]),
  BadFile("endless loop", line: 2, "killed", head + "while true do end" + tail),
  BadFile(
    "endless loop in a pcall", line: 2, "killed",
    head + "while true do pcall(function() repeat until false end) end" + tail),
  BadFile(
    "too much memory", line: 3, "out of memory", head + "local s = 'x'\nwhile true do s = s .. s end" + tail),
  BadFile(
    "too many steps", line: 2, "steps",
    head + "for i = 1, 100 do pcall(table.move, {}, 1, 2 ^ 53, 2) end" + tail),
  BadFile("error while loading", line: 3, "on purpose", head + "\nerror('on purpose')" + tail),
  BadFile("error with a table", line: 3, "a table", head + "\nerror({})" + tail),
  BadFile("no rule", line: 0, "must end with `return R`", "return { on_order = function() end }"),
  BadFile("nothing returned", line: 0, "must end with `return R`", head + "function R.on_order() end"),
  BadFile("two rules", line: 2, "one file is one rule", head + "local S = rule {}" + tail),
  BadFile("no hook", line: 0, "the rule has no hook", head + "return R"),
  BadFile(
    "a hook that is no function", line: 0, "on_order must be a function, not a number",
    head + "R.on_order = 5\nreturn R"),
  BadFile(
    "a misspelt hook", line: 0, "did you mean 'on_order'?", head + "function R.on_ordr() end\nreturn R"),
  BadFile(
    "a hook of another version", line: 0, "no hook 'on_quote'", head + "function R.on_quote() end\nreturn R"),
  BadFile("an undeclared global", line: 2, "assignment to 'x', which is not declared", head + "x = 1" + tail),
  BadFile("an unknown global", line: 2, "did you mean 'signal'?", head + "local f = singal" + tail),
  BadFile(
    "an unknown function", line: 3, "'string.spilt' does not exist",
    head + "\nlocal f = "
      + "string.spilt" + tail),
  BadFile("a near function", line: 2, "did you mean 'string.gsub'?", head + "local f = string.gsubb" + tail),
  BadFile("a forgotten library", line: 2, "'io' does not exist in a rule", head + "io.write('x')" + tail),
  BadFile("a signal while loading", line: 2, "signal{} is for hooks", head + "signal { title = 'x' }" + tail),
  BadFile("the time while loading", line: 2, "now() is event time", head + "local t = now()" + tail),
  BadFile(
    "a window while loading", line: 2, "windows can be read in a hook only", head + "groups('x')" + tail),
  BadFile(
    "an unknown library", line: 2, "there is no rules/lib/tols.lua (did you mean 'tools'?)",
    head + "require 'tols'" + tail),
  BadFile("a circle of libraries", line: 1, "in a circle", head + "require 'left'" + tail),
  BadFile(
    "a library that fails twice", line: 3, "has not finished loading",
    head + "pcall(require, 'broken')\nrequire 'broken'" + tail),
  BadFile(
    "a table that is its own __call", line: 0, "'__call' must be a function",
    head + "local m = {} m.t = setmetatable({}, m) m.__call = m.t" + tail),
  BadFile(
    "a header without an end", line: 3, "is over 1048576 bytes",
    "\nlocal t = {} for i = 1, 17 do t = { t, t } end\nlocal R = rule { tags = t }" + tail),
]

@Suite("Rule errors")
struct RuleErrorsTests {
  private func sources(_ file: [UInt8]) -> RuleSources {
    let libraries = [
      "tools": "return {}", "left": "require 'right'", "right": "return require 'left'",
      "broken": "error 'x'",
    ]
    return RuleSources(
      rules: [RuleSources.File(name: "bad", source: file)],
      libraries: libraries.map { RuleSources.File(name: $0.key, source: Array($0.value.utf8)) })
  }

  @Test("a file that does not load says where and why", arguments: badFiles)
  fileprivate func refusal(file: BadFile) throws {
    let error = #expect(throws: Engine.Refusal.self) { try Engine(sources(file.source)) }
    let problem = try #require(error?.problems.first)
    #expect(error?.problems.count == 1)
    #expect(problem.rule == "bad")
    #expect(problem.line == file.line, "\(problem)")
    #expect(problem.message.contains(file.message), "\(problem)")
    #expect(file.name == "a circle of libraries" || problem.file == "bad.lua")
  }

  @Test("a byte order mark is no part of the rule")
  func byteOrderMark() throws {
    let engine = try Engine(sources(Array("\u{FEFF}\(head)\(tail)".utf8)))
    #expect(engine.rules == ["bad"])
  }

  @Test("texts may hold any bytes, but no signal does")
  func anyBytes() throws {
    let source =
      Array("\(head)function R.on_order() signal { title = '".utf8) + [0xFF] + Array("' } end\nreturn R".utf8)
    let engine = try Engine(sources(source))
    var output = EngineOutput()
    let batch = OrderBatch([TestOrder(1000)])
    engine.process(batch.orders, into: &output)
    #expect(output.signals.isEmpty)
    #expect(output.failures.map(\.message) == ["bad.lua:2: signal: title is not valid UTF-8"])
  }

  @Test("rules that do not load are left out on demand, and the others run")
  func skipping() throws {
    var engine = TestEngine(rules: [
      "a": "local R = rule {} function R.on_order() signal { title = 'a' } end return R", "b": "return 1",
      "c": "x",
    ])
    engine.options.skipsBadRules = true
    let run = try engine.run([TestOrder(1000)])
    #expect(run.titles == ["a"])
    let built = try Engine(engine.sources, options: engine.options)
    #expect(built.skipped.map(\.rule) == ["b", "c"])
  }

  @Test("an error in one order or rule leaves the next order and rule alone", arguments: [1, 4, 64])
  func isolation(batch: Int) throws {
    let body = "if o.seq % 300 == 7 then error('seven') end signal { title = tostring(o.seq) }"
    let source = "local R = rule {}\nfunction R.on_order(o)\n\(body)\nend\nreturn R"
    let engine = TestEngine(rules: ["a": source, "b": source, "c": source.replacingSeven()])
    let run = try engine.run((1...1000).map { TestOrder(Int64($0) * 1000) }, batch: batch)
    let passing = (1...1000).filter { $0 % 300 != 7 }.map { "\($0)" }
    for rule in ["a", "b"] { #expect(run.signals.filter { $0.rule == rule }.map(\.title) == passing) }
    #expect(run.signals.filter { $0.rule == "c" }.count == 1000)
    #expect(run.failures.map(\.seq) == [7, 7, 307, 307, 607, 607, 907, 907])
    #expect(run.failures.map(\.rule) == ["a", "b", "a", "b", "a", "b", "a", "b"])
    #expect(run.failures.allSatisfy { $0.message == "\($0.rule).lua:3: seven" && $0.kind == "error" })
  }

  @Test(
    "the fifth error within 1,000 events quarantines, the fifth after them does not", arguments: [249, 250])
  func quarantine(distance: Int64) throws {
    let engine = TestEngine(
      "local R = rule {}\nfunction R.on_order(o) if o.seq % \(distance) == 0 then error('x') end "
        + "end\nreturn R"
    )
    let run = try engine.run((1...1300).map { TestOrder(Int64($0) * 1000) })
    #expect(run.totals.map(\.isQuarantined) == [distance == 249])
    #expect(
      run.signals.map(\.title)
        == (distance == 249 ? ["rule rule is quarantined: 5 errors in 1000 events"] : []))
    #expect(run.failures.count == 5)
  }
}

extension String {
  fileprivate func replacingSeven() -> String {
    split(separator: "error('seven')").joined(separator: "local _")
  }
}

import Testing

@testable import RuleKit

@Suite("The lint of headers and comments")
struct LintHeaderTests {
  private static let header = """
    local R = rule {
      params  = { a = param.usd(5), b = param.int(1) },
      windows = {
        x = window.sliding { by = { "user" }, span = "1m", agg = { n = count() } },
        y = window.session { by = { "user" }, gap = "1m", agg = { n = count() } },
      },
      timers  = { tick = "1m" },
    """

  /// What is declared and not read, by the end of the header and the hooks.
  private func unused(_ rest: String) -> [String] {
    LintTests.check(Self.header + rest + "\nreturn R").filter { $0.check == .unusedDeclaration }
      .map { String($0.message.split(separator: "'")[1]) }
  }

  @Test("what the header declares and nothing reads is warned of")
  func declarations() {
    #expect(unused("} function R.on_order(o, w) end") == ["a", "b", "x", "y", "tick"])
    #expect(unused("} function R.on_timer(n, t, w) print(w.x, w.y, R.params.a, R.params.b) end") == [])
    #expect(
      unused("where = { ['x.n'] = at_least 'b', usd = at_most 'a' } } function R.on_close() end") == ["tick"])
    #expect(unused("} function R.on_timer() print(group('x', 1), R.params['a']) end") == ["b", "y"])
    #expect(unused("} function R.on_timer() for g in groups 'y' do print(g) end end") == ["a", "b", "x"])
    #expect(
      unused("} local p = R.params R.on_timer = function(_, _, v) local u = v print(u.y, p.b) end") == [
        "a", "x",
      ])
  }

  @Test("what is passed on counts as read")
  func passedOn() {
    #expect(unused("} function R.on_timer(n, t, w) print(w, R.params) end") == [])
    #expect(unused("} function R.on_timer(n, t, w) print(w[n], R.params[n]) end") == [])
    #expect(unused("} function R.on_timer(n) print(group(n), R.params.a, R.params.b) end") == [])
    #expect(unused("} function R.on_order() end print(R)") == [])
  }

  @Test("what sequences, signals and gaps bring is known by its fields")
  func otherHooks() {
    func names(_ hooks: String) -> [String] {
      LintTests.check(
        """
        local R = rule { sequences = { s = sequence { by = { "user" }, within = "1m", step "a" {}, never "b" {}, step "c" {} } } }
        \(hooks)
        return R
        """
      ).map(\.name)
    }
    let match = "function R.on_sequence(name, match, w) "
    #expect(
      names(match + "print(match.steps.a.usd, match.steps.c.user, match.key.x, match:orders()) end") == [])
    #expect(names(match + "print(match.step) end") == ["unknown-field"])
    #expect(names(match + "print(match.steps.d) end") == ["unknown-field"])
    #expect(names(match + "local a = match.steps.a print(a.title) end") == ["unknown-field"])
    #expect(names(match + "local a = match.steps.a a.mine = 1 print(a.mine) end") == [])
    #expect(names(match + "print(match.steps.a.usd > 0.5) end") == ["decimal-money"])
    #expect(names("function R.on_signal(s) end") == ["unused-declaration"])
    #expect(names(match + "end function R.on_signal(s) print(s.rule, s.data.x) end") == [])
    #expect(names(match + "end function R.on_signal(s) print(s.rules) end") == ["unknown-field"])
    #expect(names(match + "end function R.on_gap(g) print(g.from, g.feed) end") == ["unknown-field"])
    #expect(
      names("R.state_version = 2 function R.migrate(old, now) return old, now end " + match + "end") == [])
  }

  @Test("a comment allows a finding by name, on its line or the next")
  func allowing() {
    func names(_ text: String) -> [String] { LintTests.check(text).map(\.name) }
    #expect(names("local x = 1") == ["unused-local"])
    #expect(names("local x = 1 -- betterbot: allow unused-local") == [])
    #expect(names("local x = 1 -- betterbot: allow unused-local, key-order: it documents the format") == [])
    #expect(names("-- betterbot: allow unused-local\nlocal x = 1") == [])
    #expect(names("--[[ betterbot: allow unused-local ]]\nlocal x = 1") == [])
    #expect(names("-- betterbot: allow key-order\nlocal x = 1") == ["unused-local"])
    #expect(names("local y = 1 -- betterbot: allow unused-local\nlocal x = 1") == ["unused-local"])
    #expect(names("-- betterbot: allow unused-local\n\nlocal x = 1") == ["unused-local"])
    let typo = LintTests.check("local _x = 1 -- betterbot: allow unused-locals")
    #expect(typo.map(\.message) == ["there is no check 'unused-locals' (did you mean 'unused-local'?)"])
  }

  @Test("errors refuse a file, warnings do not")
  func severities() {
    let errors = LintCheck.allCases.filter { $0.severity == .error }.map(\.rawValue)
    #expect(errors == ["syntax", "unknown-field", "undeclared-global", "decimal-money", "kept-order"])
  }

  @Test("the shipped rules and the rules of the guide are found faultless")
  func shipped() throws {
    var count = 0
    for path in Scenery.files(below: Scenery.root + "/rules", ending: ".lua") {
      let kind: Lint.FileKind = path.contains("/lib/") ? .library : .rule
      let name = String(path.split(separator: "/").last?.dropLast(4) ?? "")
      #expect(Lint.check(name, source: try #require(Scenery.bytes(path)), kind: kind) == [])
      count += 1
    }
    let guide = String(decoding: try #require(Scenery.bytes(Scenery.root + "/docs/rules.md")), as: UTF8.self)
    for part in guide.split(separator: "```lua\n").dropFirst() {
      let source = part[..<(part.firstRange(of: "\n```")?.lowerBound ?? part.endIndex)]
      guard source.hasPrefix("-- rules/") else { continue }
      #expect(LintTests.check(String(source)) == [], "\(source)")
      count += 1
    }
    #expect(count >= 14)
  }

  @Test("a file has at most 200 findings, and errors go first")
  func limit() {
    let text = String(repeating: "local x = 1 ", count: 150) + String(repeating: "print(foo) ", count: 120)
    let found = LintTests.check(text)
    #expect(found.count == 200)
    #expect(found.count { $0.severity == .error } == 120)
    let globals = (0..<20_000).map { "g\($0)()" }.joined(separator: "\n")
    #expect(LintTests.check(globals).count == 200)
  }

  @Test("any text is checked without a trap")
  func anyText() {
    var mutator = LuaMutator(seed: 5, corpus: Scenery.rules + Scenery.embedded)
    var found = 0
    for _ in 0..<3_000 {
      let text = mutator.next()
      found += Lint.check("r", source: text).count
      _ = OrderFieldUse.read(by: text)
    }
    #expect(found > 1_000)
  }
}

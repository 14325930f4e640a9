/// Texts at the edges of the grammar and of Lua's limits.
enum LuaSamples {
  static let all: [String] = small + limits

  static let small: [String] = [
    "", ";", ";;;", "return", "return;", "return 1;", "return 1,2;;", "return return", "x", "x()", "x = ",
    "= 1",
    "a.b.c = 1", "a:b() = 1", "(a) = 1", "(a).b = 1", "(a)()", "a.b:c\"x\"{}[[y]]()", "f{} = 1", "f{}.x = 1",
    "local x <const> = 5; x = 6", "local x <const> = f(); x = 6", "local x <close> = nil; x = 1",
    "local x <close>, y <close> = 1, 2", "local x <foo> = 1", "local x <const", "local x < const > = 1",
    "local x <const> = 1; local function f() x = 2 end", "local x <const>, y = 1, 2 y = 3",
    "local x <const>; x.y = 1", "local x <const> = 1; function x() end",
    "local x <const> = 1; function x.y() end",
    "local function f() end f = 1", "local a <const> = 1 local b <const> = a; b = 1",
    "goto a; ::a::", "goto a; local x; ::a::", "goto a; local x; ::a:: ;", "goto a; local x; ::a:: x()",
    "goto a; do ::a:: end", "::a:: ::a::", "::a:: do ::a:: end", "do ::a:: end ::a::", "::a:: goto a",
    "goto a", "break", "while true do break end", "while true do local function f() break end end",
    "while true do if x then break end end", "if x then break end", "for i = 1, 2 do break end break",
    "repeat local x; if x then goto c end; local y; ::c:: until y", "repeat goto c; local y; ::c:: until y",
    "repeat goto c; local y; ::c:: ; until true", "do goto c; local y; ::c:: ::d:: ; ; end",
    "repeat if x then break end until x", "while a do goto c; local b; ::c:: end",
    "for i = 1, 3 do goto c; local z = 1; ::c:: end", "for i = 1, 3 do goto c; local z = 1; ::c:: z = 2 end",
    "function f() goto a end ::a::", "::a:: function f() goto a end", "goto = 1", "local goto = 1",
    "a.goto()",
    "::a", "::a:", ":: a ::", "goto 1", "::break::",
    "x = 0x", "x = 0x1p4", "x = 0x.8", "x = 0x1.", "x = 0x.p1", "x = 0x1p", "x = 0xA.8p-1", "x = 1e",
    "x = 1e+",
    "x = 1e5", "x = 1E+5", "x = 5.", "x = .5", "x = .5.", "x = 1..2", "x = 1 ..2", "x = 3in", "x = 0xep1",
    "x = 9223372036854775807", "x = 9223372036854775808", "x = 0xffffffffffffffffff", "x = 1e400", "x = 08",
    "x = 1__", "x = 1x", "x = 0x1g", "x = 1.e1", "x = 3-4", "x = 0xe+1", "x = 1e-", "x = .e1", "x = .0x1",
    "x = .0xp-1", "x = ..1",
    "x = 0x.1e+1", "x = 0b1", "x = 1p1", "x = 0x1P+1", "x = 0x1p-1.5", "x = 1.2.3",
    #"x = "\z  a""#, "x = \"\\z\n\n  a\"", #"x = "\x41""#, #"x = "\x4""#, #"x = "\xg""#, #"x = "\u{41}""#,
    #"x = "\u{7FFFFFFF}""#, #"x = "\u{80000000}""#, #"x = "\u{}""#, #"x = "\u41""#, #"x = "\u{41""#,
    #"x = "\u{D800}""#, #"x = "\255""#, #"x = "\256""#, #"x = "\0000""#, #"x = "\9a""#, #"x = "\q""#,
    #"x = "\"#, #"x = "a"#, "x = \"a\nb\"", "x = \"a\\\nb\"", "x = \"a\\\r\nb\"", #"x = '\''"#, #"x = "\'""#,
    "x = [[a]]", "x = [[a]", "x = [==[a]]]=]]==]", "x = [=a", "x = [=", "x = [", "x = [[\na]]",
    "x = [[\r\n\na",
    "--[[ a", "--[==[ a ]] ]==] x()", "--[=a\nx()", "--[", "--", "-- a\nx()", "--[[]]x()", "--[=[]]x()",
    "x = 1 // 2", "x = a // b ~ c & d | e << 1 >> 2", "x = ~1", "x = ~a ~ b", "x = not not a", "x = - - a",
    "x = -2^2", "x = 2^-2", "x = 2^3^4", "x = a .. b .. c", "x = a < b < c", "x = a ~= b", "x = a != b",
    "x = #a", "x = #a.b", "x = a and b or c", "x = a or b and not c == d", "x = {} .. {}", "x = #",
    "x = {1,2;3}", "x = {1,,2}", "x = {,}", "x = {;}", "x = {1;}", "x = {a=1,b=2,[3]=4}", "x = {[1]}",
    "x = {a=}",
    "x = {a b}", "x = {[a]=1,}", "x = {...}", "x = {", "x = {a", "x = {function() end}",
    "x = {f=function() end}",
    "f(", "f(1", "f(1,", "f(1,)", "f(1\n", "f\n(1)", "f.1", "f.x y", "f:x", "f:x y", "f:x{}", "f.", "f[",
    "f[1", "f[]",
    "function f() return ... end", "function f(...) return ... end", "function f(a, ...) end",
    "function f(..., a) end", "function f(a,) end", "function f(a b) end", "function f(1) end",
    "function () end",
    "function f.a:b() end", "function f:a.b() end", "function f[1]() end", "x = function f() end",
    "local function f.a() end", "local function f:a() end", "local f.a = 1", "local 1", "local", "local a,",
    "local a, b = 1", "local a = 1, 2, 3", "local a b", "return ...", "function f() local x = ... end",
    "if", "if x", "if x then", "if x then end", "if x then else end", "if x then elseif y then else end",
    "if x then else elseif y then end", "if x then\n\n", "if x\nthen\nelse\n", "if x then end end",
    "while x do end", "while x end", "while x do\n", "repeat until x", "repeat x", "repeat until",
    "for i = 1 do end", "for i = 1, 2 do end", "for i = 1, 2, 3 do end", "for i = 1, 2, 3, 4 do end",
    "for i in x do end", "for i, j, k in x, y, z do end", "for i do end", "for 1 in x do end",
    "for i, 2 in x do end",
    "for i = 1, 2 do\n\n", "for i.x = 1, 2 do end", "for i <const> = 1, 2 do end", "for in x do end",
    "a, b = 1, 2", "a, b = 1", "a, b = f()", "a, b, c = 1, f()", "a, f() = 1", "a, = 1", "a, b",
    "a.b, c[1], d = 1",
    "local a; a.x, a = 1, 2", "local a, i; a[i], i, a = 1, 2, 3", "local t; function f() t.x, t = 1, 2 end",
    "x = }", "x = @", "x = $", "x = 'a", "x = \u{7f}", "x = é", "x = 1\u{37E}", "\u{212A} = 1",
    "x = \u{1FEF}", "é = 1", "x = \"é\"", "x = a ? b", "x = a!",
    "`",
    "#!/usr/bin/lua\nx()", "# x", "\u{feff}x()", "\u{1b}Lua", "x()\u{0}", "x = \"\u{0}\"", "-- \u{0}\nx()",
    "\u{0}",
    "local _ENV = {}; x = 1", "local _ENV <const> = {}; x = 1", "_ENV = 1",
    "local function f() local _ENV; x = 1 end",
    "and", "x = and", "x.and = 1", "x = nil nil", "x = 1 2", "x = \"a\" \"b\"", "f \"a\" \"b\"", "('x'):f()",
    "'x':f()",
    "{}:f()", "({}):f()", "x = (((a)))", "x = ((a)", "x = a)", "x = (a", "(f)", "(f)()", "(f)\n()", "x = ()",
    "return 1 x()", "do return end x()", "do return 1 end end", "x()\r\ny(\r\n", "x()\n\ry(\n\r",
    "x()\r\ry(\r",
    "if a then return end b()", "::a:: return", "return ::a::", "x = function(a, b) return a, b end",
    "local x <const> = 5 return x + 1", "local x <const> = 'a' return x.y",
    "local x <const> = nil; return x()",
    "local x <const> = 1 return function() return x end", "x = 1 < 2 and 3 or 4 .. 5",
    "x = a.b.c:d(1)(2)[3].e",
  ]

  private static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

  private static func list(_ count: Int, _ item: (Int) -> String) -> String {
    (0..<count).map(item).joined(separator: ", ")
  }

  /// What goes just below and just above a limit.
  static let limits: [String] = {
    var texts: [String] = []
    for n in [100, 120, 150] + Array(180...205) + Array(245...262) {
      texts += [
        "local " + list(n) { "a\($0)" },
        times(n, "local a = 1 "),
        times(n, "local a <const> = 1 "),
        "local x = " + times(n, "(") + "1" + times(n, ")"),
        "local x = " + times(n, "{") + times(n, "}"),
        "local x = " + times(n, "-") + "1",
        "local x = " + times(n, "not ") + "a",
        "local x = " + times(n, "a .. ") + "a",
        "local x = " + times(n, "1 .. ") + "a",
        "local x = " + times(n, "2 ^ ") + "a",
        "local x = " + times(n, "a + ") + "a",
        "local x = " + times(n, "a(") + times(n, ")"),
        "local x = " + times(n, "a[") + times(n, "]"),
        "local x = " + times(n, "a:b(") + times(n, ")"),
        "local x = a" + times(n, ".b") + times(n, "()") + times(n, "[1]"),
        times(n, "do ") + times(n, "end "),
        times(n, "while x do ") + times(n, "end "),
        times(n, "if x then ") + times(n, "end "),
        "if x then " + times(n, "elseif x then ") + "end",
        times(n, "repeat ") + times(n, "until x "),
        times(n, "for i = 1, 2 do ") + times(n, "end "),
        times(n, "for i in x do ") + times(n, "end "),
        times(n, "function f() ") + times(n, "end "),
        times(n, "local function f() ") + times(n, "end "),
        "f(" + list(n) { "a\($0)" } + ")",
        "f(" + list(n) { "\($0)" } + ", ...)",
        "return " + list(n) { "a\($0)" },
        "local t = { " + list(n) { "a\($0)" } + " }",
        "local t = { " + list(n) { "k\($0) = a\($0)" } + " }",
        "local t = { " + list(n) { "'k\($0)'" } + "; ... }",
        list(n) { "a\($0)" } + " = 1",
        list(n) { "a\($0).x" } + " = f()",
        "local " + list(150) { "a\($0)" } + " = " + list(n) { "\($0)" },
        "local function f(" + list(n) { "a\($0)" } + ") end",
        "for " + list(n) { "a\($0)" } + " in x do end",
        times(n, "::a "), times(n, "::a:: do ") + times(n, "end "), list2(n) { "::a\($0)::" },
        list2(n) { "x.k\($0) = y.k\($0) == 'k\($0)'" } + " a.b.zz:yy(c.xx).ww = t.vv == 'uu'",
        list2(n) { "local x = \($0).5" } + " x = y + 1000.5",
        upvalues(n, base: 180), upvalues(n, base: 120),
        "local " + list(195) { "a\($0)" } + " f(" + list(max(1, n - 195)) { "b\($0)" } + ")",
        "local " + list(195) { "a\($0)" } + " for i = 1, 2 do f(" + list(max(1, n - 200)) { "\($0)" }
          + ") end",
      ]
    }
    return texts
  }()

  private static func list2(_ count: Int, _ item: (Int) -> String) -> String {
    (0..<count).map(item).joined(separator: " ")
  }

  /// A function that uses `count` variables of two functions around it.
  private static func upvalues(_ count: Int, base: Int) -> String {
    "local " + list(base) { "a\($0)" } + " function f() local " + list(max(1, count - base)) { "b\($0)" }
      + " return function() " + list2(count) { $0 < base ? "x = a\($0)" : "x = b\($0 - base)" } + " end end"
  }
}

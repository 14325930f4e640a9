/// What a rule may do to its host, by the way it does it.
enum HostileRules {
  static let loops: [HostileRule] = [
    HostileRule("while", ["killed"], "while true do end"),
    HostileRule("goto", ["killed"], "::again:: goto again"),
    HostileRule("repeat", ["killed"], "repeat until false"),
    HostileRule("for to the largest integer", ["killed"], "for i = 1, math.maxinteger do end"),
    HostileRule(
      "pcall that swallows", ["killed"], "while true do pcall(function() while true do end end) end"),
    HostileRule(
      "pcall of a function that swallows", ["killed"],
      "while true do pcall(pcall, function() repeat until false end) end"),
    HostileRule("pcall recursion", ["killed"], "local function f() pcall(f) pcall(f) end f()"),
    HostileRule("error handler", ["killed"], "xpcall(error, function() while true do end end)"),
    HostileRule(
      "error handler of a killed function", ["killed"],
      "local function spin() while true do end end\nwhile true do xpcall(spin, spin) end"),
    HostileRule("tail recursion", ["killed"], "local function f() return f() end f()"),
    HostileRule(
      "__tostring", ["killed"],
      "tostring(setmetatable({}, { __tostring = function() while true do end end }))"),
    HostileRule(
      "__index", ["killed"],
      "local t = setmetatable({}, { __index = function() while true do end end })\nreturn t.x"),
    HostileRule(
      "__newindex", ["killed"],
      "local t = setmetatable({}, { __newindex = function() while true do end end })\nt.x = 1"),
    HostileRule(
      "__lt", ["killed"],
      "local t = setmetatable({}, { __lt = function() while true do end end })\nreturn t < t"),
    HostileRule(
      "__eq", ["killed"],
      "local m = { __eq = function() while true do end end }\nreturn setmetatable({}, m) == "
        + "setmetatable({}, m)"
    ),
    HostileRule(
      "__len", ["killed"], "return #setmetatable({}, { __len = function() while true do end end })"),
    HostileRule(
      "__concat", ["killed"],
      "return 'x' .. setmetatable({}, { __concat = function() while true do end end })"),
    HostileRule(
      "__close", ["killed"],
      "local x <close> = setmetatable({}, { __close = function() while true do end end })"),
    HostileRule(
      "__close that swallows", ["killed"],
      """
      while true do
        pcall(function()
          local x <close> = setmetatable({}, { __close = function() pcall(function() while true do end end) error("other") end })
          while true do end
        end)
      end
      """),
    HostileRule("sort comparator", ["killed"], "table.sort({ 3, 2, 1 }, function() while true do end end)"),
    HostileRule("gsub callback", ["killed"], "('abc'):gsub('.', function() while true do end end)"),
    HostileRule(
      "gsub table", ["killed"],
      "('abc'):gsub('.', setmetatable({}, { __index = function() while true do end end }))"),
    HostileRule(
      "print of a looping value", ["killed"],
      "print(setmetatable({}, { __tostring = function() while true do end end }))"),
    HostileRule(
      "format of a looping value", ["killed"],
      "('%s'):format(setmetatable({}, { __tostring = function() while true do end end }))"),
    HostileRule(
      "endless ipairs", ["killed"],
      "for _ in ipairs(setmetatable({}, { __index = function() return 1 end })) do end"),
    HostileRule("iterator that never ends", ["killed"], "for _ in function() return 1 end do end"),
    HostileRule(
      "a table that is its own __call", ["error"],
      "local m = {}\nlocal t = setmetatable({}, m)\nm.__call = t\nsetmetatable(t, m)()"),
    HostileRule(
      "a table that became its own __call", ["error"],
      "local m = {}\nlocal t = setmetatable({}, m)\nm.__call = t\nt()"),
    HostileRule(
      "kill while allocating", ["killed"],
      "while true do local t = {} for i = 1, 50 do t[i] = { i } "
        + "end end"),
  ]

  private static let stopped: Set<String> = ["limit", "killed"]

  static let library: [HostileRule] = [
    HostileRule("pathological find", stopped, "return (('a'):rep(3000)):find(('.-'):rep(60) .. 'b')"),
    HostileRule(
      "optional items", stopped, "return (('a'):rep(60)):match(('a?'):rep(60) .. ('a'):rep(60) .. 'b')"),
    HostileRule("balance that never closes", stopped, "return (('('):rep(500000)):find('%b()')"),
    HostileRule("gsub backtracking", stopped, "return (('a'):rep(400)):gsub(('a*'):rep(40) .. 'b', '')"),
    HostileRule("gmatch backtracking", stopped, "for _ in (('a'):rep(3000)):gmatch('.-.-.-.-b') do end"),
    HostileRule(
      "plain find, n times m", stopped,
      "local a, b = ('a'):rep(500000), ('a'):rep(250000) .. 'b'\nwhile true do a:find(b, 1, true) end"),
    HostileRule("rep of nothing", [], "return (''):rep(1000000000000000)"),
    HostileRule("rep past any size", ["error"], "return ('x'):rep(1000000000000000)"),
    HostileRule("rep of a gigabyte", ["limit"], "return ('x'):rep(1000000000)"),
    HostileRule(
      "concat by __index", ["error"],
      "return table.concat(setmetatable({}, { __index = table.concat }), 'x', 1, 2 ^ 53)"),
    HostileRule(
      "concat with __len", [],
      "return table.concat(setmetatable({}, { __len = function() return 2 ^ 53 end }))"),
    HostileRule("move of 2^53", ["limit"], "table.move({}, 1, 2 ^ 53, 2)"),
    HostileRule(
      "move up to the largest integer", ["limit", "error"], "table.move({}, 1, math.maxinteger, 2)"),
    HostileRule(
      "insert with a huge __len", [],
      "table.insert(setmetatable({}, { __len = function() return math.maxinteger end }), 1, 'x')"),
    HostileRule(
      "remove with a huge __len", [],
      "table.remove(setmetatable({}, { __len = function() return math.maxinteger end }), 1)"),
    HostileRule(
      "insert in front, again and again", stopped,
      "local t = {}\nfor i = 1, 100000 do table.insert(t, 1, i) end"),
    HostileRule("unpack of a million", ["error"], "return table.unpack({}, 1, 1000000)"),
    HostileRule(
      "unpack over the whole range", ["error"], "return table.unpack({}, math.mininteger, math.maxinteger)"),
    HostileRule("bytes of a long text", ["error"], "return (('x'):rep(100000)):byte(1, -1)"),
    HostileRule(
      "sort of long equal texts", ["limit", "killed", "memory"],
      "local t = {}\nfor i = 1, 50000 do t[i] = ('x'):rep(1000) .. i end\ntable.sort(t)"),
    HostileRule(
      "sort that contradicts itself", [],
      "local t = {}\nfor i = 1, 200 do t[i] = i end\ntable.sort(t, function() return true end)"),
    HostileRule(
      "comparing megabytes", stopped,
      "local a, b = ('x'):rep(900000) .. 'a', ('x'):rep(900000) .. 'b'\nwhile true do if a > b then "
        + "break end end"
    ),
    HostileRule(
      "equality of megabytes", stopped,
      "local a, b = ('x'):rep(900000) .. 'a', ('x'):rep(900000) .. 'b'\nwhile a ~= b do end"),
    HostileRule(
      "upper case of megabytes", stopped, "local a = ('x'):rep(900000)\nwhile true do a:upper() end"),
    HostileRule(
      "utf8.len of megabytes", stopped, "local a = ('x'):rep(900000)\nwhile true do utf8.len(a) end"),
    HostileRule(
      "tonumber of megabytes", stopped,
      "local a = ('1'):rep(900000)\nwhile true do tonumber(a) tonumber(a, 36) end"),
    HostileRule(
      "suggestion for a long name", stopped,
      "local a = ('x'):rep(900000)\nwhile true do pcall(function() return o[a] end) end"),
    HostileRule("format with a wide field", ["error"], "return ('%1000d'):format(1)"),
    HostileRule(
      "format of the largest number", [], "for i = 1, 100 do assert(#('%99.99f'):format(-1e308) == 410) end"),
    HostileRule("format with an address", ["error"], "return ('%p'):format({})"),
    HostileRule("pack of a wide integer", ["error"], "return string.pack('i17', 1)"),
    HostileRule("pack of two gigabytes", ["limit", "memory"], "return string.pack('c2147483647', 'x')"),
    HostileRule("packsize past any size", ["error"], "return string.packsize(('c2147483647'):rep(2))"),
    HostileRule("unpack past the end", ["error"], "return string.unpack('s8', ('\\255'):rep(8))"),
    HostileRule("select before the first", ["error"], "return select(math.mininteger, 1)"),
    HostileRule(
      "random over the whole range", [], "for i = 1, 100 do math.random(math.mininteger, math.maxinteger) end"
    ),
    HostileRule("copy with arguments to spare", [], "assert(copy({ 7 }, 'x', 1)[1] == 7)"),
    HostileRule(
      "pairs over many keys", stopped,
      "local t = {}\nfor i = 1, 3000 do t['k' .. i] = i end\nwhile true do for _ in pairs(t) do break end end"
    ),
    HostileRule(
      "next in a long table", stopped,
      "local t = {}\nfor i = 1, 3000 do t['k' .. i] = i end\nlocal k repeat k = next(t, k) until false"),
  ]

  static let memory: [HostileRule] = [
    HostileRule("doubling", ["memory"], "local s = 'x'\nwhile true do s = s .. s end"),
    HostileRule("table growth", ["memory"], "local t = {}\nfor i = 1, 100000000 do t[i] = i end"),
    HostileRule(
      "table of tables", ["memory", "killed"], "local t = {}\nwhile true do t = { t, {}, {} } end"),
    HostileRule(
      "closures", ["memory", "killed"], "local f\nwhile true do local g = f f = function() return g end end"),
    HostileRule(
      "distinct keys", ["memory", "killed"], "local t = {}\nfor i = 1, 100000000 do t['k' .. i] = true end"),
    HostileRule(
      "swallowed, in a loop", ["memory"],
      "while true do pcall(function() local s = 'x' while true do s = s .. s end end) end"),
    HostileRule(
      "replaced by another error on the way out", ["memory"],
      """
      while true do
        pcall(function()
          local x <close> = setmetatable({}, { __close = function() error("other") end })
          local s = 'x'
          while true do s = s .. s end
        end)
      end
      """),
    HostileRule("swallowed limit", ["limit"], "while true do pcall(string.rep, 'x', 1000000000) end"),
    HostileRule("swallowed steps", stopped, "while true do pcall(table.move, {}, 1, 2 ^ 53, 2) end"),
    HostileRule("deep recursion", ["memory", "killed"], "local function f() return 1 + f() end\nreturn f()"),
    HostileRule(
      "deep nesting of calls in C", ["error", "killed"],
      "local function f() return ('x'):gsub('.', f) end\nreturn f()"),
    HostileRule(
      "a million pieces", ["memory", "killed"],
      "local s = ''\nfor i = 1, 1000000 do s = s .. 'xxxxxxxxxxxxxxxx' end"),
    HostileRule("garbage is none of it", [], "for i = 1, 100 do local s = ('x'):rep(200000) .. i end"),
    HostileRule(
      "garbage of tables is none of it", [], "for i = 1, 2000 do local t = { {}, {}, {}, {}, i } end"),
    HostileRule("long log lines", [], "local s = ('x'):rep(60000)\nfor i = 1, 20 do print(s, s, s, s) end"),
    HostileRule(
      "failed signals", stopped,
      "for i = 1, 1000000 do pcall(signal, { title = 'x', data = { ('x'):rep(15000), function() end } "
        + "}) end"),
    HostileRule(
      "many long signals", stopped,
      "for i = 1, 64 do\n  local list = {}\n  for k = 1, 9000 do list[k] = k end\n  signal { title = "
        + "'x', evidence = list }\nend"
    ),
    HostileRule(
      "data that is one table a billion times", ["limit", "error"],
      "local t = {}\nfor i = 1, 40 do t = { t, t } end\nsignal { title = 'x', data = t }"),
  ]
}

import OrderFlow
import Testing

@testable import RuleEngine

/// Parts of a header at the ends of what their types can hold.
private let headers: [String] = [
  "where = { usd = at_least(0/0) }",
  "where = { usd = at_most(0/0) }",
  "where = { usd = at_least(1/0) }",
  "where = { usd = at_least(-1/0) }",
  "where = { usd = at_least(1e300) }",
  "where = { usd = at_most(math.mininteger) }",
  "where = { price = one_of(math.maxinteger, math.mininteger) }",
  "where = { ['g.n'] = at_least(math.maxinteger) }",
  "where = { ['g.usd'] = at_most(math.mininteger) }",
  "where = { ['g.mean'] = at_least(0/0) }",
  "where = { ['g.'] = at_least(1) }",
  "where = { ['.'] = at_least(1) }",
  "where = { [''] = 1 }",
  "where = { [1] = 1 }",
  "where = { [{}] = 1 }",
  "where = setmetatable({}, { __index = print })",
  "params = { a = param.int(math.mininteger, { min = math.maxinteger }) }",
  "params = { a = param.usd(1e300) }",
  "params = { a = param.usd(0/0) }",
  "params = { a = param.duration('9223372036854775807ms') }",
  "params = { a = param.duration('99999999999999999999d') }",
  "params = { a = { __kind = 'param', type = {}, default = print } }",
  "params = { a = { __kind = 'param' } }",
  "params = { [0/1] = param.int(1) }",
  "dedup = { by = { 'user' }, hold = '9223372036854775807ms' }",
  "dedup = { by = { 'user' }, hold = math.maxinteger }",
  "dedup = { by = {}, hold = '1m' }",
  "timers = { tick = '9223372036854775807ms' }",
  "timers = { tick = 1 }",
  "timers = { tick = math.maxinteger }",
  "timers = { tick = 0 }",
  "timers = { tick = -1 }",
  "tags = { { { 1 } } }",
  "title = ('x'):rep(100000)",
  "title = '\\xff'",
  "severity = 'HIGH'",
  "windows = { a = { __kind = 'window', type = 'none', spec = {} } }",
  "windows = { a = { __kind = 'window' } }",
  "windows = { a = window.sliding { span = '9223372036854775807ms', by = { 'user' }, agg = { n = "
    + "count() } } }",
  "windows = { a = window.sliding { span = math.maxinteger, by = { 'user' }, agg = { n = count() } } }",
  "windows = { a = window.tumbling { span = math.maxinteger, by = { 'user' }, agg = { n = count() } } }",
  "windows = { a = window.tumbling { span = 1, by = { 'user' }, agg = { n = count() } } }",
  "windows = { a = window.session { gap = math.maxinteger, by = { 'user' }, agg = { n = count() } } }",
  "windows = { a = window.session { gap = math.maxinteger, span = math.maxinteger, by = { 'user' }, agg "
    + "= { n = count() } } }",
  "windows = { a = window.session { gap = 1, span = 1, by = { 'user' }, agg = { n = count() } } }",
  "windows = { a = window.sliding { span = 1, by = { 'user' }, max_keys = math.maxinteger, agg = { n = "
    + "count() } } }",
  "windows = { a = window.sliding { span = 1, by = { 'user' }, max_keys = 1, max_items = 1, agg = { n = "
    + "count() } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, max_keys = 10000000, max_items = "
    + "10000000, agg = { n = count() } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = quantile('usd', 0/0) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = quantile('usd', 1/0) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = quantile('usd', -1) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = quantile('usd', 1) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = quantile('usd', 0) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = ewma('usd', "
    + "math.maxinteger) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = ewma('usd', 1) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = ewma('usd', 0) } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = top('user', "
    + "math.maxinteger, 'usd') } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = top('user', -1, 'usd') } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = top('user', 1, 'user') } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user', 'user' }, agg = { n = count() } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { [1] = count() } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { n = { __kind = 'aggregate', "
    + "__name = 'sum' } } } }",
  "windows = { ['a\\0b'] = window.sliding { span = '1m', by = { 'user' }, agg = { ['\\0'] = count() } } }",
  "windows = { ['\\xff'] = window.sliding { span = '1m', by = { 'user' }, agg = { ['\\xfe'] = count() } } }",
  "windows = { a = window.sliding { span = '1m', by = { 'user' }, agg = { orders = count() } } }",
  "sequences = { a = { __kind = 'sequence' } }",
  "sequences = { a = { __kind = 'sequence', spec = 5 } }",
  "sequences = { a = { __kind = 'sequence', spec = { { __kind = 'step' }, { __kind = 'never' } } } }",
  "sequences = { a = sequence { by = { 'user' }, within = '1m', { __kind = 'step', title = 'a' }, "
    + "{ __kind = 'never', title = 'b', where = 5 } } }",
  "sequences = { a = sequence { by = { 'user' }, within = math.maxinteger, step 'a' {}, step 'b' {} } }",
  "sequences = { a = sequence { by = { 'user' }, within = '3650d', step 'a' {}, never 'b' {} } }",
  "sequences = { a = sequence { by = { 'user' }, within = 1, step 'a' {}, step 'b' {} } }",
  "sequences = { a = sequence { by = { 'user' }, within = 1, max_keys = 1, step 'a' {}, step 'b' {} } }",
  "sequences = { a = sequence { by = { 'user' }, within = '1m', max_keys = 1, step 'a' {}, never 'b' { "
    + "side = 'SELL' } } }",
  "sequences = { a = sequence { by = { 'user' }, within = '1m', step '\\0' {}, step 'b' {} } }",
  "sequences = { ['\\0'] = sequence { by = { 'user' }, within = '1m', step 'a' {}, step 'b' {} } }",
  "sequences = { a = sequence { by = { 'user' }, within = '1m', step 'a' { usd = at_least(0/0) }, step 'b' {} } }",
  "sequences = { a = sequence { by = { 'user' }, within = '1m', step 'a' { [{}] = 1 }, step 'b' {} } }",
  "sequences = { a = sequence { by = { 'user' }, within = '1m', [math.maxinteger] = step 'a' {} } }",
  "sequences = { a = sequence(setmetatable({}, { __index = print })) }",
]

@Suite("Hostile headers")
struct HostileHeaderTests {
  /// Reads all there is of a window called `a`; harmless without one.
  private func source(_ header: String) -> String {
    """
    local R = rule {
      \(header),
    }
    local function look()
      for g in groups "a" do local _ = g.n, g:orders(), g.truncated end
    end
    function R.on_order(o, w)
      pcall(function() return w.a.n end)
      pcall(look)
      signal { title = o.user }
    end
    \(header.hasPrefix("timers") ? "R.on_timer = look" : "")
    \(header.hasPrefix("sequences") ? "function R.on_sequence(n, m) return m.key, m:orders() end" : "")
    return R
    """
  }

  @Test("a header at the ends of its types is refused or works", arguments: headers)
  func header(part: String) throws {
    let alone = try HostileRun.engine([:]).run(HostileRun.orders)
    var engine = HostileRun.engine(["a_hostile": source(part)])
    engine.options.skipsBadRules = true
    let run = try engine.run(HostileRun.orders, batch: 5)
    #expect(HostileRun.healthySignals(run) == HostileRun.healthySignals(alone))
    // Either it loads, or the problem is a sentence about this file.
    if !run.totals.contains(where: { $0.rule == "a_hostile" }) {
      let problem = try #require(Engine(engine.sources, options: engine.options).skipped.first)
      #expect(problem.file == "a_hostile.lua" && !problem.message.isEmpty)
      #expect(problem.line <= 15, "\(problem)")
    }
  }

  @Test(
    "a signal at the ends of its types stops nothing",
    arguments: [
      "hold = math.maxinteger", "hold = '9223372036854775807ms'", "hold = 0", "confidence = -0.0",
      "evidence = { math.maxinteger, math.mininteger, 0, -1, 1, 1 }", "evidence = {}", "key = ''",
      "key = ('k'):rep(512)",
      "data = { math.mininteger, 5e-324, 1.7976931348623157e308, -0.0 }", "data = {}", "data = ''",
      "data = false",
      "data = { ['\\0'] = '\\0\\1\\127' }", "market = '\\0', token = '', side = 'SIDEWAYS', action = ''",
    ])
  func signal(field: String) throws {
    let source = "local R = rule {}\nfunction R.on_order(o)\nsignal { title = '', \(field) }\nend\nreturn R"
    let alone = try HostileRun.engine([:]).run(HostileRun.orders)
    let run = try HostileRun.engine(["a_hostile": source]).run(HostileRun.orders, batch: 5)
    #expect(HostileRun.healthySignals(run) == HostileRun.healthySignals(alone))
    let emitted = run.signals.filter { $0.rule == "a_hostile" }.count
    let errors = run.failures.filter { $0.rule == "a_hostile" }.count
    #expect(emitted + Int(run.folded) == 24 || errors == 5)
  }
}

import OrderFlow
import Testing

@testable import RuleEngine

/// A rule that does not load: its text, the line that is to be named, and the whole message.
private struct Wrong: Sendable, CustomTestStringConvertible {
  var source: String
  var line: Int
  var message: String
  var testDescription: String { message }

  /// A header of which `text` is the third line, above an `on_order` and, when asked, the other hooks.
  static func header(_ text: String, hooks: String = "", _ message: String, line: Int = 3) -> Wrong {
    let source = """
      local R = rule {
        title = "t",
        \(text)
      }
      function R.on_order(o) end
      \(hooks)
      return R
      """
    return Wrong(source: source, line: line, message: message)
  }

  /// A sliding window of which `text` is the only line that varies.
  static func window(_ text: String, _ message: String, line: Int = 4) -> Wrong {
    let by = text.contains("by =") ? "" : "by = { 'user' }, "
    let span = text.contains("span =") ? "" : "span = '5m', "
    let agg = text.contains("agg =") ? "" : "agg = { n = count() }, "
    return header(
      "windows = { x = window.sliding { \(by)\(span)\(agg)\n    \(text) } },", message, line: line)
  }

  /// A rule's `where` on the line below a window `x` with these aggregates.
  static func tested(_ aggregates: String, _ condition: String, _ message: String) -> Wrong {
    let window = "windows = { x = window.sliding { by = { 'user' }, span = '5m', agg = { \(aggregates) } } },"
    return header("\(window)\n  where = { \(condition) },", message, line: 4)
  }
}

@Suite("Headers")
struct HeaderTests {
  fileprivate static let keys: [Wrong] = [
    .header("severety = 'low',", "unknown key 'severety' in rule (did you mean 'severity'?)"),
    .header(
      "colour = 'red',",
      "unknown key 'colour' in rule; there are title, severity, tags, runbook, params, windows, sequences, dedup, timers, where, listens"
    ),
    .header("'text',", "rule has names as keys: name = value", line: 1),
    .header("severity = 'huge',", "severity \"huge\" is none of info, low, medium, high, critical"),
    .header("severity = 3,", "severity must be text"),
    .header("tags = 'one',", "tags must be a list of texts"),
    .header("tags = { 'a', 1 },", "tags must be a list of texts"),
    .header("runbook = {},", "runbook must be text"),
    .header("params = 5,", "params must be a table"),
    .header("params = { param.int(1) },", "params has names as keys"),
    .header(
      "params = { least = 5 },", "parameter 'least' must be made by param.usd, param.int, param.duration, …"),
    .header("windows = 5,", "windows must be a table with at most 16 windows"),
    .header("windows = { x = {} },", "a window is made by window.sliding, window.tumbling or window.session"),
    .header("dedup = 'user',", "dedup must be a table { by = { … }, hold = \"30m\" }"),
    .header(
      "dedup = { by = { 'user' } },", "hold must be a duration such as \"30s\", \"10m\" or \"1h30m\"", line: 1
    ),
    .header("dedup = { by = { 'usr' }, hold = '1m' },", "an order has no field 'usr' (did you mean 'user'?)"),
    .header("dedup = { key = { 'user' }, hold = '1m' },", "unknown key 'key' in dedup; there are by, hold"),
    .header("dedup = { by = {}, hold = '1m' },", "by must be a list of one to eight order fields"),
    .header("timers = { t = '1m' },", "timers are declared but there is no on_timer"),
    .header(
      "timers = '1m',", hooks: "function R.on_timer() end",
      "timers must be a table of at most 16, name = \"1m\""),
    .header(
      "timers = { '1m' },", hooks: "function R.on_timer() end",
      "timers must be a table of at most 16, name = \"1m\""),
    .header(
      "timers = { t = 'often' },", hooks: "function R.on_timer() end",
      "t must be a duration such as \"30s\", \"10m\" or \"1h30m\""),
    .header(
      "", hooks: "function R.on_timer() end", "on_timer is never called: the header declares no timers",
      line: 1),
    .header("", hooks: "function R.on_close() end", "on_close needs a tumbling or session window", line: 1),
  ]

  fileprivate static let windows: [Wrong] = [
    .window("spn = '1m'", "unknown key 'spn' in window 'x' (did you mean 'span'?)"),
    .window(
      "gap = '1m'", "unknown key 'gap' in window 'x'; there are by, span, where, agg, max_keys, max_items"),
    .window("span = '5 minutes'", "span must be a duration such as \"30s\", \"10m\" or \"1h30m\""),
    .window("span = '0s'", "span must be a duration such as \"30s\", \"10m\" or \"1h30m\""),
    .window("span = -5", "span must be a duration such as \"30s\", \"10m\" or \"1h30m\""),
    .window("span = '106751991167d'", "span is longer than ten years (3650d)"),
    .window("span = 9223372036854775807", "span is longer than ten years (3650d)"),
    .window("by = 'user'", "by must be a list of one to eight order fields"),
    .window(
      "by = { 'wallet' }",
      "an order has no field 'wallet'; there are " + OrderField.named.map(\.name).joined(separator: ", ")),
    .window("by = { 'marketslug' }", "an order has no field 'marketslug' (did you mean 'market_slug'?)"),
    .window("by = { 5 }", "by must be a list of names"),
    .window("max_keys = 0", "max_keys must be a whole number from 1 to 10000000"),
    .window("max_items = 1.5", "max_items must be a whole number from 1 to 10000000"),
    .window("agg = {}", "window 'x' needs agg = { name = count(), … }, at most 32"),
    .window(
      "agg = { n = 5 }",
      "an aggregate is made by count, sum, mean, min, max, first, last, distinct, stddev, quantile, ewma or top"
    ),
    .window("agg = { user = count() }", "'user' already means something in this window: choose another name"),
    .window(
      "agg = { orders = count() }", "'orders' already means something in this window: choose another name"),
    .window("agg = { s = sum 'us' }", "an order has no field 'us' (did you mean 'usd'?)"),
    .window("agg = { s = sum 'user' }", "'s' needs a numeric field; 'user' is text"),
    .window("agg = { s = sum(5) }", "'s' takes the name of an order field"),
    .window("agg = { s = distinct 'side' }", "'side' cannot be aggregated; put it in by or where"),
    .window("agg = { s = last 'late' }", "'late' cannot be aggregated"),
    .window("agg = { q = quantile('usd', 1.5) }", "quantile takes a fraction in (0, 1]"),
    .window("agg = { q = quantile('usd', 0) }", "quantile takes a fraction in (0, 1]"),
    .window("agg = { e = ewma('price', 'x') }", "e must be a duration such as \"30s\", \"10m\" or \"1h30m\""),
    .window(
      "agg = { t = top('user', 0, 'usd') }",
      "top takes a field, a count from 1 to 100 and a numeric field: top(\"user\", 5, \"usd\")"),
    .window("agg = { s = sum() }", "sum takes 1 argument"),
    .window("agg = { s = quantile 'usd' }", "quantile takes 2 arguments"),
    .window("agg = { s = summ 'usd' }", "'summ' does not exist (did you mean 'sum'?)"),
  ]

  fileprivate static let conditions: [Wrong] = [
    .header("where = 5,", "where must be a table"),
    .header("where = { 5 },", "where has field names as keys"),
    .header("where = { sid = 'BUY' },", "an order has no field 'sid' (did you mean 'side'?)"),
    .header("where = { side = 'buy' },", "'side' is \"BUY\" or \"SELL\""),
    .header("where = { role = 'owner' },", "'role' is \"taker\" or \"maker\""),
    .header("where = { late = 'yes' },", "'late' is true or false"),
    .header("where = { side = at_least(1) },", "'side' is text: compare it with = or one_of"),
    .header("where = { user = 5 },", "'user' is compared with text"),
    .header(
      "where = { label = '' },", "'label' is never empty: what the venue did not send fulfils no condition"),
    .header("where = { user = one_of() },", "one_of takes one to a thousand values"),
    .header(
      "where = { usd = at_least(0.5) },",
      "'usd' is an integer in millionths and is compared with a fraction: write usd(…), cents(…) or shares(…)"
    ),
    .header(
      "where = { price = 0.5 },",
      "'price' is compared with whole numbers; write usd(…), cents(…) or shares(…) for money"),
    .header("where = { usd = at_least 'min_usd' },", "there is no parameter 'min_usd'"),
    .header(
      "params = { min_usd = param.usd(1) }, where = { usd = at_least 'minusd' },",
      "there is no parameter 'minusd' (did you mean 'min_usd'?)"),
    .header(
      "params = { on = param.bool(true) }, where = { usd = at_least 'on' },",
      "the bound of 'usd' must be a finite number, or the name of a numeric parameter"),
    .header(
      "where = { usd = at_most(0/0) },",
      "the bound of 'usd' must be a finite number, or the name of a numeric parameter"),
    .header("where = { ['x.n'] = at_least(1) },", "there is no window 'x'"),
    .tested("n = count()", "['flow.n'] = at_least(1)", "there is no window 'flow'; there are x"),
    .tested("n = count()", "['x.usd'] = at_least(1)", "window 'x' has no aggregate 'usd'; there are n"),
    .tested(
      "n = count()", "['x.n'] = 'many'",
      "'x.n' is compared with whole numbers; write usd(…), cents(…) or shares(…) for money"),
    .tested("m = mean 'usd'", "['x.m'] = 5", "'x.m' is a float: test it with at_least or at_most"),
    .tested(
      "m = top('user', 1, 'usd')", "['x.m'] = at_least(5)", "'x.m' is no number and cannot be tested here"),
    .tested("m = last 'user'", "['x.m'] = at_least(5)", "'x.m' is no number and cannot be tested here"),
    .tested(
      "m = mean 'usd'", "['x.m'] = at_least(1/0)",
      "the bound of 'x.m' must be a finite number, or the name of a numeric parameter"),
  ]

  fileprivate static let parameters: [Wrong] = [
    .header(
      "params = { a = param.usd('x') },",
      "param.usd: the default must be an amount with at most six decimal places"),
    .header("params = { a = param.int(1.5) },", "param.int: the default must be a whole number"),
    .header("params = { a = param.int(5, { min = 6 }) },", "parameter a is below its min", line: 1),
    .header("params = { a = param.usd(5, { max = 4 }) },", "parameter a is above its max", line: 1),
    .header(
      "params = { a = param.int(5, { mim = 6 }) },",
      "param.int: unknown option mim; there are min, max and doc"),
    .header(
      "params = { a = param.int(5, 6) },", "param.int: the second argument is a table { min =, max =, doc = }"
    ),
    .header("params = { a = param.integer(5) },", "'param.integer' does not exist in a rule"),
    .header(
      "params = { a = param.duration '5 min' },",
      "param.duration: the default must be a duration such as \"30s\", \"10m\" or \"1h30m\""),
  ]

  @Test(
    "an unknown key, a wrong type or a bad value is named with file, line and advice",
    arguments: keys + windows)
  fileprivate func wrongHeader(_ wrong: Wrong) { check(wrong) }

  @Test("a condition that could never mean anything does not load", arguments: conditions)
  fileprivate func wrongCondition(_ wrong: Wrong) { check(wrong) }

  @Test("a parameter that is wrong in itself does not load", arguments: parameters)
  fileprivate func wrongParameter(_ wrong: Wrong) { check(wrong) }

  private func check(_ wrong: Wrong) {
    let problem = TestEngine(wrong.source).problem()
    #expect(problem?.message == wrong.message)
    #expect(problem?.line == wrong.line, "\(problem?.message ?? "")\n\(wrong.source)")
    #expect(problem?.file == "rule.lua")
    #expect(problem?.rule == "rule")
  }

  @Test("a header that uses everything loads")
  func everything() {
    let engine = TestEngine(
      """
      local R = rule {
        title = "t", severity = "critical", tags = { "a" }, runbook = "r",
        params = { a = param.usd(1.5, { min = 1, max = 2, doc = "d" }), b = param.shares "2", c = param.int(1),
          d = param.number(0.5), e = param.duration "1h30m", f = param.string "s", g = param.bool(false) },
        windows = {
          x = window.sliding { by = { "user", "side", "late", "role", "venue", "price", "t", "label" }, span = 1000, max_keys = 1,
            max_items = 1, where = { side = "BUY", usd = at_least "a", shares = at_most(5), role = one_of("taker", "maker"),
            user = one_of { "a", "b" }, late = false, price = one_of(1, 2) }, agg = { n = count() } },
          y = window.tumbling { by = { "user" }, span = "1d", agg = { n = mean "usd", m = ewma("usd", "1m"), q = quantile("t", 1) } },
          z = window.session { by = { "user" }, gap = "1s", agg = { n = top("user", 100, "usd"), l = last "title" } },
        },
        dedup = { by = { "user" }, hold = "1d12h5m2s1ms" }, timers = { a = "1s", b = 5 },
        where = { ["x.n"] = 5, ["y.n"] = at_least(0.5), ["y.q"] = at_least(1e300), side = "BUY" },
      }
      function R.on_order(o, w) end
      function R.on_timer(name, now, w) end
      function R.on_close(name, key, g) end
      return R
      """)
    #expect(engine.problem() == nil)
  }
}

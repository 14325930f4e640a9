/// Small rules that the tests of the pipeline run.
enum TestRules {
  /// A signal for each order of 1,000 dollars or more.
  static let big = """
    local R = rule {
      title = "big", params = { min_usd = param.usd(1000) }, where = { usd_floor = at_least "min_usd" },
    }
    function R.on_order(o) signal { title = "big: " .. o.title, data = { usd = o.usd } } end
    return R
    """

  /// One signal a wallet and minute; the others are folded into it.
  static let folding = """
    local R = rule { title = "folding", severity = "low", dedup = { by = { "user" }, hold = "1m" } }
    function R.on_order(o) signal { title = o.user } end
    return R
    """

  /// Every tenth order of a wallet within an hour, with all ten as evidence.
  static let tenth = """
    local R = rule {
      title = "tenth",
      windows = { w = window.sliding { by = { "user" }, span = "1h", agg = { n = count() } } },
    }
    function R.on_order(o, w)
      if w.w.n % 10 == 0 then signal { title = "ten", evidence = w.w:orders() } end
    end
    return R
    """

  /// Counts in its state, prints, and fails at the third order.
  static let troubled = """
    local R = rule { title = "troubled" }
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      print("saw", state.n)
      if state.n == 3 then error("the third") end
    end
    return R
    """
}

extension TestRules {
  /// The folder of the shipped rules.
  static let shipped = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/rules"
}

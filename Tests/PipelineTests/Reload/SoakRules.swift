/// The rules of the reload soak. Every text names its revision, and the signals of a rule name it too, so that a
/// mixture of two versions would show.
enum SoakRules {
  /// The first line of every text that must never run.
  static let mark = "-- broken"
  /// Signals come with every so many orders.
  static let every = 50

  static func library(_ revision: Int) -> String {
    "local rev = \(revision)\nreturn { rev = rev }\n"
  }

  /// Counts every order in `state`; `more` goes in front of the hook.
  static func counter(_ revision: Int, _ more: String = "") -> String {
    """
    local rev = \(revision)
    local R = rule { title = "counter" }
    \(more)
    function R.on_order(o)
      state.n = (state.n or 0) + 1
      if state.n % \(every) == 0 then signal { title = "n", data = { n = state.n, rev = rev } } end
    end
    return R

    """
  }

  /// A counter whose `state` has another shape; `isGood` tells whether it can take over the one before.
  static func migrant(_ revision: Int, version: Int, isGood: Bool = true) -> String {
    let body = isGood ? "return { n = old.n, shape = \(version) }" : "error('not this one')"
    let text = counter(
      revision, "R.state_version = \(version)\nfunction R.migrate(old, from) \(body) end")
    return isGood ? text : "\(mark): migrate\n" + text
  }

  /// Requires the library, so that both revisions are in each signal.
  static func pair(_ revision: Int) -> String {
    """
    local gen = require "gen"
    local rev = \(revision)
    local R = rule { title = "pair" }
    function R.on_order(o)
      if o.seq % \(every) == 0 then signal { title = "pair", data = { rev = rev, lib = gen.rev } } end
    end
    return R

    """
  }

  static func tuned(_ revision: Int, every: Int) -> String {
    """
    local rev = \(revision)
    local every = \(every)
    local R = rule { title = "tuned", params = { every = param.int(every) } }
    function R.on_order(o)
      local every = R.params.every
      if o.seq % every == 0 then signal { title = "tuned", data = { rev = rev, every = every } } end
    end
    return R

    """
  }

  /// Says how many orders of a side its window holds.
  static func windowed(_ revision: Int, span: Int) -> String {
    """
    local rev = \(revision)
    local span = \(span)
    local R = rule {
      title = "windowed",
      windows = { w = window.sliding { by = { "side" }, span = span .. "s", agg = { n = count() } } },
    }
    function R.on_order(o, w)
      if o.seq % \(every) == 0 then signal { title = "w", data = { rev = rev, span = span, n = w.w.n } } end
    end
    return R

    """
  }

  /// Says what the watch list calls a wallet.
  static func labelled(_ revision: Int) -> String {
    """
    local rev = \(revision)
    local R = rule { title = "labelled" }
    function R.on_order(o)
      if o.label then signal { title = "label", data = { rev = rev, label = o.label } } end
    end
    return R

    """
  }

  /// Fails at some orders, so often with a small number that it is quarantined.
  static func raising(_ revision: Int, every: Int) -> String {
    """
    local rev = \(revision)
    local R = rule { title = "raising" }
    function R.on_order(o)
      if o.seq % \(every) == 0 then error("as it must") end
      if o.seq % \(SoakRules.every) == 1 then signal { title = "calm", data = { rev = rev } } end
    end
    return R

    """
  }

  static func wallets(_ revision: Int, _ wallets: [String]) -> String {
    "wallet,label\n" + wallets.map { "\($0),watch-\(revision)\n" }.joined()
  }

  /// What must never run, by what is wrong.
  static func broken(_ what: BrokenRule) -> String { "\(mark): \(what.rawValue)\n\(what.text)\n" }
}

/// A way in which a rule does not load.
enum BrokenRule: String, CaseIterable {
  case syntax, raise, loop, memory, header, global

  var text: String {
    switch self {
    case .syntax: "local R = rule { title = \"x\" \nfunction R.on_order(o) end\nreturn R"
    case .raise: "error(\"while it loads\")"
    case .loop: "while true do end"
    case .memory: "local t = {}\nfor i = 1, 1e9 do t[i] = (\"x\"):rep(1000) .. i end"
    case .header: "local R = rule { titel = \"x\" }\nfunction R.on_order(o) end\nreturn R"
    case .global: "local R = rule { title = \"x\" }\nsurprise = 1\nfunction R.on_order(o) end\nreturn R"
    }
  }
}

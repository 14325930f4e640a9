import COrderFlow
import OrderFlow

@testable import RuleEngine

/// A rule that misbehaves in `on_order`, and what becomes of its calls.
struct HostileRule: Sendable, CustomStringConvertible {
  var name: String
  /// The kinds of failure of each call; empty when the rule must be harmless.
  var kinds: Set<String>
  /// The body of `on_order`, one line after another.
  var body: String

  init(_ name: String, _ kinds: Set<String>, _ body: String) {
    self.name = name
    self.kinds = kinds
    self.body = body
  }

  var description: String { name }

  /// The body begins at line 3.
  var source: String {
    "local R = rule { title = 'hostile' }\nfunction R.on_order(o, w)\n\(body)\nend\nreturn R\n"
  }
}

/// A hostile rule on both sides of a healthy one.
enum HostileRun {
  /// Uses what could be disturbed: a window, `state`, random numbers, `pairs`, evidence.
  static let healthy = """
    local R = rule {
      title = "healthy",
      windows = { recent = window.sliding { by = { "user" }, span = "10m", agg = { n = count(), usd = sum "usd" } } },
    }
    function R.on_order(o, w)
      state.n = (state.n or 0) + 1
      local words = ""
      for key, value in pairs { b = o.side, a = o.token_id, [2] = o.label or "none", [1] = o.price } do
        words = words .. key .. "=" .. value .. ";"
      end
      signal {
        title = o.user .. " " .. state.n,
        data = { n = w.recent.n, usd = w.recent.usd, random = math.random(1000000), words = words },
        evidence = w.recent:orders(),
      }
    end
    return R
    """

  static let orders: [TestOrder] = (1...24).map { number in
    TestOrder(Int64(number) * 1000) { order in
      order.user = "0x\(number % 5)"
      order.side = number % 2 == 0 ? "BUY" : "SELL"
      order.orderHash = "0xhash\(number)"
    }
  }

  /// Limits that end a call soon: 8 ms, 4 MiB, 1 MiB in one piece.
  static var limits: RuleLimits {
    var limits = RuleLimits()
    limits.callMilliseconds = 8
    limits.memory = 4 << 20
    limits.allocation = 1 << 20
    return limits
  }

  /// Signals of the healthy rule; the version, which names the rule set, is taken out.
  static func healthySignals(_ run: EngineRun) -> [Signal] {
    run.signals.filter { $0.rule == "healthy" }.map { signal in
      var signal = signal
      signal.version = ""
      return signal
    }
  }

  static func engine(_ rules: [String: String]) -> TestEngine {
    var engine = TestEngine(rules: rules.merging(["healthy": healthy]) { _, healthy in healthy })
    engine.options.limits = limits
    return engine
  }
}

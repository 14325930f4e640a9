import CRuleVM
import OrderFlow
import Testing

@testable import RuleEngine

/// Sources/RuleKit/API/api.json says what a rule sees; here it is held against what the engine offers.
@Suite("The description of the API")
struct ApiTests {
  private static let api = PlainJSON(ProjectFiles.text("Sources/RuleKit/API/api.json")) ?? .null
  private var api: PlainJSON { ApiTests.api }

  /// The names of a list whose entries end with a NUL, and which ends with another.
  private func names(_ list: UnsafePointer<CChar>?) -> [String] {
    var result: [String] = []
    var at = list
    while let name = at, name.pointee != 0 {
      let text = String(cString: name)
      result.append(text)
      at = name + text.utf8.count + 1
    }
    return result
  }

  @Test("it is JSON, and of the version that the engine counts into every rule set")
  func version() {
    #expect(api["version"].integer == RuleSetVersion.api)
  }

  @Test("its functions are exactly the names in a rule's sandbox, each described")
  func functions() throws {
    var limits = crv_default_limits()
    let vm = try #require(crv_new("api", &limits))
    defer { crv_free(vm) }
    let offered = String(cString: crv_api_names(vm)).split(separator: "\n").map(String.init)
    #expect(api["functions"].names == offered.sorted())
    for function in api["functions"].items {
      let name = try #require(function["name"].string)
      #expect(function["signature"].string?.hasPrefix(name) == true)
      #expect(function["doc"].string?.isEmpty == false)
    }
  }

  @Test("its order fields are exactly those of the VM and of conditions and keys, in the same order")
  func orderFields() {
    let offered = String(cString: crv_order_field_names()).split(separator: "\n").map(String.init)
    #expect(api["order"].names == offered)
    #expect(OrderField.named.map(\.name) == offered)
    for (entry, (name, field)) in zip(api["order"].items, OrderField.named) {
      let type = entry["type"].string ?? ""
      #expect(field.isInteger == (type == "integer"), "\(name)")
      #expect((field == .late) == (type == "boolean"), "\(name)")
      #expect(entry["values"].names == (field.codes?.map(\.name) ?? []), "\(name)")
      #expect(entry["doc"].string?.isEmpty == false)
    }
  }

  @Test("a field is marked optional exactly when an order without it is nil there")
  func optionalFields() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't' }
      function R.on_order(o) signal { title = 'x', data = copy(o) } end
      return R
      """)
    let bare = TestOrder(1) {
      $0.label = ""; $0.market = ""
    }
    let data = try #require(try engine.run([bare]).signals.first?.data)
    let sent = try #require(PlainJSON(data))
    for entry in api["order"].items {
      let name = entry["name"].string ?? ""
      #expect((sent[name] == .null) == (entry["type"].string?.hasSuffix("?") == true), "\(name)")
    }
  }

  @Test("its hooks, header keys, signal fields and severities are exactly those that are checked")
  func names() {
    #expect(api["hooks"].names == names(crv_hook_names()))
    #expect(api["header"].names == HeaderReader.keys)
    #expect(api["dedup"].names == HeaderReader.dedupKeys)
    #expect(api["sequence"].names == HeaderReader.sequenceKeys)
    #expect(api["signal"].names == names(crv_signal_field_names()))
    #expect(api["gap"].names == names(crv_gap_field_names()))
    #expect(api["heard"].names == names(crv_heard_field_names()))
    #expect(api["severities"].names == Severity.allCases.map(\.name))
    #expect(api["window"].names == HeaderReader.windowKeys + ["gap"])
    for window in api["windows"].items {
      #expect(
        window["keys"].names == HeaderReader.windowKeys + (window["name"].string == "session" ? ["gap"] : []))
    }
    let functions = Set(api["functions"].names)
    #expect(Set(api["windows"].names.map { "window.\($0)" }) == functions.filter { $0.hasPrefix("window.") })
  }

  @Test(
    "what exists while the file loads is the rule, parameters, windows, sequences, aggregates and conditions, and only then"
  )
  func loadTime() throws {
    let load = api["functions"].items.filter { $0["when"].string == "load" }.compactMap { $0["name"].string }
    let constructors = load.filter {
      ["rule", "sequence", "step", "never"].contains($0) || $0.hasPrefix("param.") || $0.hasPrefix("window.")
    }
    let others = Set(load).subtracting(constructors)
    #expect(others == Set(api["aggregates"].names + api["conditions"].names))
    let calls = load.map { "if pcall(\(arguments(of: $0))) then print('\($0)') end" }
    let run = try rule("", in: calls.joined(separator: "\n")).run([TestOrder(1)])
    #expect(run.lines == [])
    #expect(run.failures.isEmpty)
    for name in load where name != "rule" {
      #expect(rule("local x = \(call(name))", in: "").problem() == nil, "\(name)")
    }
  }

  @Test("what is for hooks is refused while the file loads, and works in a hook")
  func hookTime() throws {
    let hook = api["functions"].items.filter { $0["when"].string == "hook" }.compactMap { $0["name"].string }
    #expect(hook.sorted() == ["group", "groups", "now", "signal"])
    for name in hook {
      #expect(rule(call(name), in: "").problem() != nil, "\(name)")
      #expect(try rule("", in: call(name)).run([TestOrder(1)]).failures.map(\.message) == [])
    }
  }

  private func rule(_ loading: String, in hook: String) -> TestEngine {
    TestEngine(
      """
      local R = rule { title = 't', windows = { x = window.sliding { by = {'user'}, span = '1m', agg = { n = count() } } } }
      \(loading)
      function R.on_order(o, w) \(hook) end
      return R
      """)
  }

  /// A function and arguments that suit it, as `pcall` takes them.
  private func arguments(of name: String) -> String {
    switch name {
    case "rule", "window.sliding", "window.tumbling", "window.session", "sequence", "signal":
      "\(name), { title = 'x' }"
    case "count", "now": name
    case "quantile": "quantile, 'usd', 0.5"
    case "ewma": "ewma, 'usd', '5m'"
    case "top": "top, 'user', 5, 'usd'"
    case "group": "group, 'x', 'a'"
    case "groups": "groups, 'x'"
    case "param.string", "param.duration": "\(name), '5m'"
    case "param.bool": "param.bool, true"
    case _ where name.hasPrefix("param."): "\(name), 5"
    default: "\(name), 'usd'"
    }
  }

  private func call(_ name: String) -> String {
    let parts = arguments(of: name).split(separator: ",", maxSplits: 1)
    return "\(parts[0])(\(parts.count > 1 ? String(parts[1]) : ""))"
  }

  @Test("each aggregate works in a window, and no other name does")
  func aggregates() {
    for name in api["aggregates"].names {
      let spec = "{ by = {'user'}, span = '1m', agg = { v = \(call(name)) } }"
      #expect(rule("window.sliding \(spec)", in: "").problem() == nil)
      let source =
        "local R = rule { windows = { x = window.sliding \(spec) } }\nfunction R.on_order(o, w) end\nreturn R"
      #expect(TestEngine(source).problem() == nil, "\(name)")
    }
    let message = TestEngine(
      "local R = rule { windows = { x = window.sliding { by = {'user'}, span = '1m', agg = { v = 1 } } } }\nfunction R.on_order() end\nreturn R"
    ).problem()?.message
    let list = api["aggregates"].names
    #expect(
      message == "an aggregate is made by \(list.dropLast().joined(separator: ", ")) or \(list.last ?? "")")
  }

  @Test("the members of a group that are no aggregate are reserved")
  func groupMembers() {
    for name in api["group"].names {
      let spec = "{ by = {'user'}, span = '1m', agg = { \(name) = count() } }"
      let source =
        "local R = rule { windows = { x = window.sliding \(spec) } }\nfunction R.on_order() end\nreturn R"
      #expect(TestEngine(source).problem()?.message.hasPrefix("'\(name)' already means something") == true)
      #expect(rule("", in: "return w.x.\(name)").problem() == nil)
    }
  }

  @Test("a match has exactly the described members, and so has a step")
  func matchMembers() throws {
    let engine = TestEngine(
      """
      local R = rule { title = 't', sequences = {
        s = sequence { by = {'user'}, within = '1m', step 'a' {}, step 'b' {} } } }
      function R.on_sequence(name, match)
        signal { title = name, data = { match = match, orders = match:orders() } }
      end
      return R
      """)
    let signal = try #require(try engine.run([TestOrder(1), TestOrder(2)]).signals.first)
    let text = try #require(signal.data)
    let data = try #require(PlainJSON(text))
    #expect((data["match"].keys + ["orders"]).sorted() == api["match"].names.sorted())
    #expect(data["match"]["steps"]["a"].keys == api["step"].names.sorted())
    let wrong =
      "local R = rule { title = 't', sequences = { s = sequence { by = {'user'}, within = '1m', step 'a' {}, step 'b' {} } } }\nfunction R.on_sequence(name, match) print(match.step) end\nreturn R"
    let failures = try TestEngine(wrong).run([TestOrder(1), TestOrder(2)]).failures
    #expect(failures.map(\.message) == ["rule.lua:2: a match has no 'step' (did you mean 'steps'?)"])
  }

  @Test("its limits are the engine's")
  func limits() {
    let limits = crv_default_limits()
    let window = WindowDefinition(
      name: "", line: 0, shape: .sliding(span: 1), keys: [], conditions: [], values: [], aggregates: [],
      topNames: [])
    let offered: [String: Int] = [
      "call_ms": Int(limits.call_budget_ms), "load_ms": Int(limits.load_budget_ms),
      "memory_bytes": limits.memory_limit,
      "allocation_bytes": limits.allocation_limit, "library_steps": Int(limits.step_limit),
      "signals_per_event": Int(limits.signals_per_event), "data_bytes": Int(limits.data_limit),
      "quarantine_errors": FailureWindow.limit, "quarantine_events": Int(FailureWindow.span),
      "max_keys": window.maximumKeys, "max_items": window.maximumItems,
      "late_ms": Int(Engine.Options().lateness),
      "duration_ms": Int(HeaderReader.longestDuration),
    ]
    #expect(api["limits"] == .object(offered.mapValues { .number($0) }))
  }

  @Test("the options of a parameter are those that are described")
  func parameterOptions() {
    let given: [String: String] = ["min": "1", "max": "9", "doc": "'x'"]
    #expect(api["parameter"].names.sorted() == given.keys.sorted())
    for (name, value) in given {
      #expect(rule("local p = param.int(5, { \(name) = \(value) })", in: "").problem() == nil, "\(name)")
    }
    #expect(rule("local p = param.int(5, { step = 1 })", in: "").problem() != nil)
  }

  @Test("docs/reference.md has every name in it, and the guide leads there")
  func reference() {
    let page = ProjectFiles.text("docs/reference.md")
    #expect(ProjectFiles.text("docs/rules.md").contains("](reference.md)"))
    for name in api["functions"].names + api["hooks"].names { #expect(page.contains(name), "\(name)") }
    for list in [
      "order", "header", "aggregates", "conditions", "signal", "group", "gap", "severities", "sequence",
      "match",
      "step", "heard", "dedup", "parameter", "window",
    ] {
      for name in api[list].names { #expect(page.contains("`\(name)`"), "\(list): \(name)") }
    }
  }
}

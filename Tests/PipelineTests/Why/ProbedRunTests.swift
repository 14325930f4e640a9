import Glibc
import OrderFlow
import RuleEngine
import RuleKit
import Testing

@testable import Pipeline
import Wire

/// What probes must not change: anything.
@Suite("Rules with probes against rules without") struct ProbedRunTests {
  /// Everything that a run says and leaves behind.
  private struct Said: Equatable {
    var lines: [UInt8] = []
    var states: [String: SavedRule] = [:]
    var unkept: [String] = []
    var signals: [String: UInt64] = [:]
  }

  private static let flow = Workspace.root + "/fixtures/flow.jsonl.gz"

  private static func run(
    _ sources: RuleSources, _ input: String, limit: Int?, milliseconds: UInt32,
    _ probed: [String: InstrumentedSource] = [:]
  ) throws -> Said {
    var engineOptions = Engine.Options()
    engineOptions.instrumented = probed
    engineOptions.limits.callMilliseconds = milliseconds
    engineOptions.limits.loadMilliseconds = 5_000
    let engine = try Engine(sources, options: engineOptions)
    // Recording costs nothing that counts either.
    for rule in engine.rules { _ = engine.beginTrace(of: rule) }
    var options = Replay.Options()
    options.inputs = [input]
    options.limit = limit
    var said = Said()
    var lines: [UInt8] = []
    let collect = { (signal: Signal) in SignalLine.append(signal, to: &lines) }
    try withoutActuallyEscaping(collect) { collect in
      _ = try Replay(options, engine: engine, journal: nil, onSignal: collect).run()
    }
    said.lines = lines
    for (rule, saved) in engine.savedStates() {
      switch saved {
      case .success(let saved): said.states[rule] = saved
      case .failure(let problem): said.unkept.append(problem.description)
      }
    }
    for totals in engine.totals { said.signals[totals.rule] = totals.signals }
    return said
  }

  private static let purposes: [InstrumentedRule.Purpose] = [.why, .coverage]

  private static func probed(
    _ sources: RuleSources, _ purpose: InstrumentedRule.Purpose
  ) throws -> [String: InstrumentedSource] {
    var texts: [String: InstrumentedSource] = [:]
    for file in sources.rules { texts[file.name] = try InstrumentedRule(file.source, for: purpose).source }
    return texts
  }

  @Test(
    "the shipped rules say the same over every fixture",
    arguments: ["flow.jsonl.gz", "rtds.jsonl", "dome_page.json", "edge_cases.jsonl"])
  func shipped(_ fixture: String) throws {
    var sources = try RuleFolder.read(TestRules.shipped)
    // Low thresholds, so that the hooks are called often.
    sources.parameters = [
      "sweep": ["min_usd": "500", "min_move": "0.01"], "whale_order": ["min_usd": "100"],
      "wallet_velocity": ["over_usd": "100"], "whale_cluster": ["min_usd": "50"],
    ]
    let input = Workspace.root + "/fixtures/" + fixture
    let plain = try Self.run(sources, input, limit: nil, milliseconds: 5_000)
    for purpose in Self.purposes {
      let texts = try Self.probed(sources, purpose)
      let probed = try Self.run(sources, input, limit: nil, milliseconds: 5_000, texts)
      #expect(plain == probed, "\(purpose)")
    }
    if fixture == "flow.jsonl.gz" { #expect(plain.lines.count > 100_000) }
  }

  @Test("every rule in the tests and the documents says the same", arguments: [0, 1, 2])
  func embedded(part: Int) throws {
    let workspace = try Workspace()
    let made = Line.flow(400) { line, number in
      line.user = "u\(number * 7 % 5)"
      line.side = number % 3 == 0 ? "SELL" : "BUY"
      line.shares = 1 + number * 31 % 9000
      line.second = number * 3 - (number % 20 == 0 ? 25 : 0)
    }
    let flows = [Self.flow, try workspace.write(made.text, to: "made.jsonl")]
    var compared = 0
    for (place, text) in RuleTexts.all.enumerated() where place % 3 == part {
      let sources = RuleSources(rules: [RuleSources.File(name: "rule", source: text)])
      let flow = flows[place / 3 % 2]
      guard let plain = try? Self.run(sources, flow, limit: 600, milliseconds: 100) else { continue }
      // How far a call gets until it is killed is a matter of time.
      if plain.states.values.contains(where: { $0.failures.contains("killed") }) { continue }
      for purpose in Self.purposes {
        let probed = try Self.run(
          sources, flow, limit: 600, milliseconds: 10_000, try Self.probed(sources, purpose))
        #expect(plain == probed, "\(purpose): \(String(decoding: text, as: UTF8.self))")
      }
      compared += 1
    }
    #expect(compared > 15)
  }

  /// `make probed` names a file of a million orders here.
  private static let commonJob = getenv("BETTERBOT_PROBED").map { String(cString: $0) }

  @Test(
    "the rules of the common job and the shipped ones say the same over a million orders",
    .enabled(if: commonJob != nil),
    arguments: ["Benchmarks/rules/plain", "Benchmarks/rules/windows", "rules"])
  func million(folder: String) throws {
    let sources = try RuleFolder.read(Workspace.root + "/" + folder)
    let input = try #require(Self.commonJob)
    let plain = try Self.run(sources, input, limit: nil, milliseconds: 5_000)
    #expect(plain.lines.count > 100_000)
    for purpose in Self.purposes {
      let texts = try Self.probed(sources, purpose)
      let probed = try Self.run(sources, input, limit: nil, milliseconds: 5_000, texts)
      #expect(plain == probed, "\(purpose)")
      print(
        "\(folder), \(purpose): \(probed.signals.values.reduce(0, +)) signals, \(probed.lines.count) bytes")
    }
  }

  @Test("a rule that looks for its probes finds none")
  func invisible() throws {
    let text = """
      local R = rule { title = "r" }
      local found = select('#', ...)
      local function look()
        for _, name in ipairs { "p", "p1", "p2" } do
          if pcall(function() return _ENV["_" .. "_" .. name] end) then found = found + 10 end
        end
        for name in pairs(_ENV) do found = found + 100 end
      end
      look()
      function R.on_order(o, w, ...)
        if o.seq > 1 then return end
        look()
        signal { title = found + select('#', ...) .. " " .. math.random(1000) }
      end
      return R
      """
    #expect(try InstrumentedRule(Array(text.utf8)).source.probe == "__p")
    let sources = RuleSources(rules: [RuleSources.File(name: "rule", source: Array(text.utf8))])
    let plain = try Self.run(sources, Self.flow, limit: 5, milliseconds: 5_000)
    for purpose in Self.purposes {
      let texts = try Self.probed(sources, purpose)
      #expect(plain == (try Self.run(sources, Self.flow, limit: 5, milliseconds: 5_000, texts)))
    }
    #expect(plain.signals == ["rule": 1])
    #expect(String(decoding: plain.lines, as: UTF8.self).contains("\"title\":\"0 "))
  }
}

import Feeds
import OrderFlow
import RuleEngine
import Testing

@testable import Pipeline

@Suite struct ReplayTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  @Test("orders, duplicates, rejected and skipped messages are counted apart")
  func counts() throws {
    let order = Line(transaction: "0xabc")
    let input = [
      "\(order)", "\(order)", "{\"type\":\"ack\",\"subscription_id\":\"s\"}", "nonsense", "",
      "\(Line(transaction: "0xdef"))",
    ]
    let trial = try Trial.run(["big": TestRules.big], over: input.joined(separator: "\n"), in: workspace)
    #expect(trial.report.read == 3)
    #expect(trial.report.orders == 2)
    #expect(trial.report.duplicates == 1)
    #expect(trial.report.rejected == 1)
    #expect(trial.report.skipped == 1)
    #expect(trial.report.firstRejections.map(\.line) == [4])
  }

  @Test("a signal is handed over with the final number of its repeats")
  func foldsAreFinal() throws {
    // One wallet every ten seconds: a hold of a minute takes five repeats; the seventh order fires anew.
    let flow = Line.flow(13) { line, number in line.second = number * 10 }
    let trial = try Trial.run(["folding": TestRules.folding], over: flow.text, in: workspace)
    #expect(trial.signals.map(\.foldCount) == [5, 5, 0])
    #expect(trial.report.folded == 10)
    #expect(trial.report.signals == 3)
  }

  @Test("signals come in the order in which they fired, although some wait for their repeats")
  func settledOrder() throws {
    let flow = Line.flow(200) { line, number in
      line.user = number % 3 == 0 ? "0xa" : "0xb"
      line.shares = number % 7 == 0 ? 4000 : 10
    }
    let trial = try Trial.run(
      ["big": TestRules.big, "folding": TestRules.folding], over: flow.text, in: workspace)
    let places = trial.signals.map { ($0.seq, $0.rule) }
    #expect(places.count > 30)
    #expect(zip(places, places.dropFirst()).allSatisfy { $0 < $1 })
  }

  @Test(
    "the bytes of the signals depend neither on the batch size nor on the threads",
    arguments: [1, 2, 3, 37, 512, 9999])
  func batchSize(_ size: Int) throws {
    let rules = ["big": TestRules.big, "folding": TestRules.folding, "tenth": TestRules.tenth]
    let flow = Line.flow(700) { line, number in
      line.user = "0x\(number % 9)"
      line.shares = (number * 37) % 4000
      line.second = number - number % 5 * 2
    }
    let expected = try Trial.run(rules, over: flow.text, in: workspace)
    let trial = try Trial.run(rules, over: flow.text, in: workspace, threads: 1 + size % 3) {
      $0.batchSize = size
    }
    #expect(expected.signals.count > 50)
    #expect(trial.lines == expected.lines)
    #expect(trial.report.signalHash == expected.report.signalHash)
    #expect(trial.report.signalHash?.count == 64)
  }

  @Test(
    "a limit stops after exactly so many orders, and nothing behind it is looked at",
    arguments: [(0, 0), (1, 0), (5, 0), (6, 1), (10, 1), (1000, 1)], [3, 512])
  func limit(_ limit: (orders: Int, rejected: Int), _ batchSize: Int) throws {
    let flow = Line.flow(10).map(\.description)
    let input = flow[..<5].joined(separator: "\n") + "\nbroken\n" + flow[5...].joined(separator: "\n")
    let trial = try Trial.run(["big": TestRules.big], over: input, in: workspace) {
      $0.limit = limit.orders
      $0.batchSize = batchSize
    }
    #expect(trial.report.orders == UInt64(min(10, limit.orders)))
    #expect(trial.report.rejected == UInt64(limit.rejected))
  }

  @Test("several inputs are one flow, in the order they were named")
  func severalInputs() throws {
    let flow = Line.flow(30)
    let whole = try Trial.run(["tenth": TestRules.tenth], over: flow.text, in: workspace)
    let parts = try [flow[..<11], flow[11..<12], flow[12...]].enumerated().map { place, part in
      try workspace.write(Array(part).text, to: "part\(place)")
    }
    let trial = try Trial.run(["tenth": TestRules.tenth], over: "", in: workspace) { $0.inputs = parts }
    #expect(trial.signals.count == 3)
    #expect(trial.lines == whole.lines)
  }

  @Test("a missing input is noticed before anything runs, even behind standard input")
  func missingInput() throws {
    let missing = workspace.file("missing")
    for first in ["-", try workspace.write(Line.flow(3).text, to: "there")] {
      var message = ""
      do {
        let trial = try Trial.run(["big": TestRules.big], over: "", in: workspace) {
          $0.inputs = [first, missing]
        }
        Issue.record("it ran: \(trial.report)")
      } catch {
        message = "\(error)"
      }
      #expect(message.contains(missing))
    }
  }

  @Test("an input that breaks off gives what could be read, and the reason")
  func brokenInput() throws {
    // The head of a gzip stream with one stored block, cut in its middle.
    let text = Array(Line.flow(4) { line, _ in line.shares = 4000 }.text.utf8)
    let length = UInt16(text.count)
    var packed: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 1]
    packed += [UInt8(length & 255), UInt8(length >> 8), UInt8(~length & 255), UInt8(~length >> 8)]
    packed += text.dropLast(20)
    let path = try workspace.write(packed, to: "cut.gz")
    let trial = try Trial.run(["big": TestRules.big], over: "", in: workspace) { $0.inputs = [path] }
    #expect(trial.report.orders == 3)
    #expect(trial.signals.count == 3)
    #expect(trial.report.inputFailure?.code == .truncated)
    #expect(trial.report.inputFailure?.description.contains(path) == true)
  }

  @Test("what a rule prints comes out under its name, and its errors are reported with the order")
  func logsAndFailures() throws {
    let trial = try Trial.run(["troubled": TestRules.troubled], over: Line.flow(4).text, in: workspace)
    #expect(trial.logs.joined().contains("saw\t4"))
    #expect(trial.logs.allSatisfy { $0.hasPrefix("troubled: ") })
    let failure = try #require(trial.report.failures.first)
    #expect(trial.report.failures.count == 1)
    #expect(failure.message.contains("troubled.lua:5: the third"))
    #expect(failure.seq == 3 && failure.order == "0x2" && failure.kind == "error")
    #expect(trial.report.rules.map(\.errors) == [1])
  }

  @Test("of many errors the first five of each rule are kept, and a quarantine is a signal")
  func manyFailures() throws {
    let failing = """
      local R = rule { title = "failing" }
      function R.on_order(o) error("again") end
      return R
      """
    let trial = try Trial.run(
      ["failing": failing, "big": TestRules.big], over: Line.flow(40).text, in: workspace)
    #expect(trial.report.failures.count == 5)
    #expect(trial.signals.map(\.rule) == ["betterbot/quarantine"])
    #expect(trial.report.rules.first { $0.rule == "failing" }?.isQuarantined == true)
    #expect(trial.report.rules.first { $0.rule == "big" }?.isQuarantined == false)
  }

  @Test("an error of the receiver ends the run")
  func receiverThrows() throws {
    struct Stop: Error {}
    let sources = RuleSources(rules: [RuleSources.File(name: "big", source: Array(TestRules.big.utf8))])
    var options = Replay.Options()
    options.inputs = [try workspace.write(Line.flow(5) { line, _ in line.shares = 9000 }.text, to: "in")]
    var count = 0
    let replay = Replay(
      options, engine: try Engine(sources), journal: nil,
      onSignal: { _ in
        count += 1
        throw Stop()
      })
    #expect(throws: Stop.self) { try replay.run() }
    #expect(count == 1)
  }
}

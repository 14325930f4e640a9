import OrderFlow
import Testing

@testable import RuleEngine

@Suite("Hostile rules")
struct HostileTests {
  @Test("a loop is stopped", arguments: HostileRules.loops)
  func loop(rule: HostileRule) throws { try check(rule) }

  @Test("nothing in C runs long or far", arguments: HostileRules.library)
  func library(rule: HostileRule) throws { try check(rule) }

  @Test("memory is bounded", arguments: HostileRules.memory)
  func memory(rule: HostileRule) throws { try check(rule) }

  @Test("there is no way out", arguments: HostileRules.escapes)
  func escape(rule: HostileRule) throws { try check(rule) }

  @Test("errors and signals of any shape are taken", arguments: HostileRules.protocols)
  func protocolAbuse(rule: HostileRule) throws { try check(rule) }

  /// Runs the rule before and after a healthy one, and compares with a run of the healthy one alone.
  private func check(_ rule: HostileRule) throws {
    let alone = try HostileRun.engine([:]).run(HostileRun.orders, batch: 7)
    var engine = HostileRun.engine(["a_hostile": rule.source, "z_hostile": rule.source])
    // What is not to be ended by time has more than enough of it, on a slow machine too.
    if !rule.kinds.contains("killed") { engine.options.limits.callMilliseconds = 2000 }
    let run = try engine.run(HostileRun.orders, batch: 7)
    #expect(HostileRun.healthySignals(alone).count == 24)
    #expect(HostileRun.healthySignals(run) == HostileRun.healthySignals(alone))
    let names = ["a_hostile", "z_hostile"]
    guard !rule.kinds.isEmpty else {
      #expect(run.failures.isEmpty, "\(run.failures.first?.message ?? "")")
      return
    }
    for name in names { checkReports(run.failures.filter { $0.rule == name }, of: name, rule) }
    #expect(run.failures.count == 10)
    let quarantines = run.signals.filter { $0.rule == "betterbot/quarantine" }
    #expect(quarantines.map(\.key) == names)
    #expect(quarantines.allSatisfy { $0.seq == 5 && $0.severity == .high })
    #expect(run.totals.map(\.isQuarantined) == [true, false, true])
    // What a failed call emitted is dropped.
    #expect(run.signals.allSatisfy { !names.contains($0.rule) })
  }

  private func checkReports(_ failures: [RuleFailure], of name: String, _ rule: HostileRule) {
    #expect(failures.map(\.seq) == [1, 2, 3, 4, 5])
    #expect(failures.map(\.order) == (1...5).map { "0xhash\($0)" })
    let last = 3 + rule.body.split(separator: "\n", omittingEmptySubsequences: false).count
    for failure in failures {
      #expect(rule.kinds.contains(failure.kind), "\(failure.kind): \(failure.message)")
      #expect(failure.hook == "on_order")
      let place = failure.message.firstMatch(of: /^([a-z_]+)\.lua:(\d+): ./)
      let line = place.flatMap { Int($0.2) } ?? 0
      #expect(place.map { String($0.1) } == name && line >= 3 && line < last, "\(failure.message)")
      #expect(failure.trace.contains("\(name).lua:"), "\(failure.trace)")
    }
  }
}

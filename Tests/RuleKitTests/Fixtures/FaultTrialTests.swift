import RuleKit
import Testing

@Suite struct FaultTrialTests {
  private func trial(_ rule: String, _ orders: String) throws -> FaultTrial {
    var trial = FaultTrial()
    trial.take(try TestFileScene.test(orders), try TestFileScene.runner(rule))
    return trial
  }

  private static let flow =
    "+0s alice BUY 9 @0.5 btc.Yes\n+1s alice BUY 9 @0.5 btc.Yes\n+2s alice BUY 9 @0.5 btc.Yes #> medium"

  @Test("a rule that keeps its count in state stands every fault")
  func steady() throws {
    let found = try trial(
      "local R = rule { title = 'r' }\nfunction R.on_order() state.n = (state.n or 0) + 1\nif state.n == 3 then signal { title = 'three' } end end\nreturn R",
      Self.flow)
    #expect(found.findings.isEmpty && found.runs == 20, "\(found)")
  }

  @Test("one that keeps it in a variable of its file breaks under a restart and a reload")
  func forgetful() throws {
    let found = try trial(
      "local R = rule { title = 'r' }\nlocal n = 0\nfunction R.on_order() n = n + 1\nif n == 3 then signal { title = 'three' } end end\nreturn R",
      Self.flow)
    #expect(found.findings.map(\.injection.text) == ["restart after 1", "reload after 1"])
    #expect(found.findings.allSatisfy { $0.isForbidden && $0.message == "due medium, got nothing" })
  }

  @Test(
    "one that goes by the clock is fragile where the clock goes on, and by the order of arrival where that changes"
  )
  func fragile() throws {
    let found = try trial(
      """
      local R = rule { title = 'r', timers = { t = "1m" } }
      function R.on_timer() signal { title = 'tock', severity = 'low' } end
      function R.on_order(o) if o.seq == 3 and o.t % 10000 == 2000 then signal { title = 'three' } end end
      return R
      """, Self.flow)
    #expect(
      Set(found.findings.map { String($0.injection.text.prefix { $0 != " " }) }) == [
        "gap", "late", "reorder", "tick",
      ])
    #expect(found.findings.allSatisfy { !$0.isForbidden }, "\(found.findings)")
  }
}

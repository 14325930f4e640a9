import OrderFlow
import Testing

@testable import RuleKit

@Suite("Signals of two rule sets, held against each other")
struct SignalLedgerTests {
  /// A signal of rule `r` whose number is its event, its id and its time in seconds.
  static func signal(_ number: Int64, key: String = "", _ change: (inout Signal) -> Void = { _ in }) -> Signal
  {
    var signal = Signal(
      id: Digest128(high: 0, low: UInt64(number)), rule: "r", version: "1", seq: number, time: number * 1000,
      severity: .medium, title: "t")
    signal.key = key
    change(&signal)
    return signal
  }

  /// Adds signals that hold their keys for a minute.
  private static func compare(_ before: [Signal], _ after: [Signal]) -> (SignalLedger, [SignalDifference]) {
    var ledger = SignalLedger()
    for signal in before { ledger.add(signal, settlesAt: signal.time + 60_000, to: .before) }
    for signal in after { ledger.add(signal, settlesAt: signal.time + 60_000, to: .after) }
    let differences = ledger.finish()
    return (ledger, differences)
  }

  @Test("ids on one side only are gone or new, in the order of events, and the version does not count")
  func oneSided() {
    let same = Self.signal(5) { $0.version = "2" }
    let (ledger, differences) = Self.compare(
      [Self.signal(1), Self.signal(5), Self.signal(9)], [Self.signal(3), same])
    #expect(ledger.same == ["r": 1])
    #expect(differences.map(\.kind) == [.gone, .new, .gone])
    #expect(differences.compactMap(\.shown?.seq) == [1, 3, 9])
    #expect(differences.map(\.silentSide) == [.after, .before, .after])
  }

  @Test("the same id with other fields is changed, and says which")
  func changed() {
    func expect(_ expected: [String], _ change: (inout Signal) -> Void) {
      let before = Self.signal(1) { $0.data = #"{"a":1,"b":2}"# }
      var after = before
      change(&after)
      let (_, differences) = Self.compare([before], [after])
      #expect(differences.map(\.kind) == [.changed])
      #expect(differences.first?.changes.map { "\($0.name): \($0.before) → \($0.after)" } == expected)
    }
    expect(["severity: medium → high"]) { $0.severity = .high }
    expect(["title: t → u"]) { $0.title = "u" }
    expect(["confidence: nothing → 0.5"]) { $0.confidence = 0.5 }
    expect(["data.b: 2 → nothing", "data.n: nothing → [2]"]) { $0.data = #"{"a":1,"n":[2]}"# }
    expect(["data.a: 1 → nothing", "data.b: 2 → nothing"]) { $0.data = nil }
    expect(["evidence: 0 orders → 2 orders"]) { $0.evidence = [1, 2] }
    expect(["fold_count: 0 → 3"]) { $0.foldCount = 3 }
    expect(["warming: false → true"]) { $0.warming = true }
  }

  @Test("of one key, the later of two that the earlier would have folded is the same one, moved")
  func moved() {
    let (_, later) = Self.compare(
      [Self.signal(1, key: "k")], [Self.signal(30, key: "k") { $0.severity = .high }])
    #expect(later.map(\.kind) == [.moved])
    #expect(later[0].isEarlier == false && later[0].silentSide == .after && later[0].shown?.seq == 1)
    #expect(later[0].changes.map(\.name) == ["severity"])
    let (_, earlier) = Self.compare([Self.signal(30, key: "k")], [Self.signal(1, key: "k")])
    #expect(earlier[0].isEarlier && earlier[0].silentSide == .before && earlier[0].shown?.seq == 1)
  }

  @Test(
    "two are two when the key differs, is missing, or the hold is over",
    arguments: [("k", 30, "l"), ("", 30, ""), ("k", 61, "k")] as [(String, Int64, String)])
  func apart(key: String, number: Int64, other: String) {
    let (_, differences) = Self.compare([Self.signal(1, key: key)], [Self.signal(number, key: other)])
    #expect(differences.map(\.kind) == [.gone, .new])
  }

  @Test("a hold ends before its count settles: what comes in between is a signal of its own")
  func lateness() {
    for (number, kinds) in [(55, [.moved]), (56, [.gone, .new])] as [(Int64, [SignalDifference.Kind])] {
      // A hold of 55 s, and 5 s for what is late.
      var ledger = SignalLedger(lateness: 5_000)
      ledger.add(Self.signal(1, key: "k"), settlesAt: 61_000, to: .before)
      ledger.add(Self.signal(number, key: "k"), settlesAt: number * 1000 + 60_000, to: .after)
      #expect(ledger.finish().map(\.kind) == kinds)
    }
  }

  @Test("a signal that moved has one partner only, the nearest event first")
  func onePartner() {
    let (_, differences) = Self.compare(
      [Self.signal(1, key: "k"), Self.signal(40, key: "k")], [Self.signal(20, key: "k")])
    #expect(differences.map(\.kind) == [.moved, .gone])
    #expect(differences.compactMap(\.shown?.seq) == [1, 40])
  }

  @Test("counts that grow until the hold is over decide, and what agrees is forgotten")
  func folds() {
    var ledger = SignalLedger()
    for number in Int64(1)...10_000 {
      for side in DiffSide.allCases {
        ledger.add(Self.signal(number), settlesAt: number * 1000 + 5000, to: side)
        ledger.fold(Self.signal(number).id, number == 7777 && side == .after ? 2 : 1, on: side)
      }
      ledger.settle(at: number * 1000)
    }
    let forgotten = ledger.same["r"] ?? 0
    #expect(forgotten > 5_000)
    let differences = ledger.finish()
    #expect(differences.map(\.kind) == [.changed])
    #expect(differences[0].changes == [FieldChange(name: "fold_count", before: "1", after: "2")])
    #expect(ledger.same["r"] == 9_999)
  }
}

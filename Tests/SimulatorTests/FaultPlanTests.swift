import Testing

@testable import Simulator

@Suite struct FaultPlanTests {
  @Test("a number is spread evenly over the kinds, names are taken as they are")
  func parsing() throws {
    let even = try FaultCounts(parsing: "500")
    #expect(even.total == 500)
    #expect(Set(even.counts.values) == [41, 42])
    #expect(even.counts.count == Fault.allCases.count)
    #expect(try FaultCounts(parsing: "drop=20,freeze=5").counts == [.drop: 20, .freeze: 5])
    #expect(try FaultCounts(parsing: "0").total == 0)
  }

  @Test(
    "what is no list of faults is refused with the kinds there are",
    arguments: ["", "many", "-1", "drop", "drop=", "drop=x", "drop=-1", "flood=1", "drop=1,", "99999999999"])
  func refused(text: String) {
    let error = #expect(throws: SimulatorError.self) { try FaultCounts(parsing: text) }
    #expect(error?.description.contains("rest429") == true)
  }

  @Test("the plan holds every fault, in order, spread over the flow, the same for a seed")
  func plan() throws {
    let counts = try FaultCounts(parsing: "500")
    let plan = FaultPlan(counts, total: 20_000, seed: 4)
    #expect(plan.entries.count == 500)
    for kind in Fault.allCases { #expect(plan.entries.count { $0.fault == kind } == counts.counts[kind]) }
    let positions = plan.entries.map(\.position)
    #expect(positions == positions.sorted())
    #expect(zip(positions, positions.dropFirst()).allSatisfy { $1 - $0 < 80 })
    #expect(positions.allSatisfy { (1...20_000).contains($0) })
    #expect(plan == FaultPlan(counts, total: 20_000, seed: 4))
    #expect(plan != FaultPlan(counts, total: 20_000, seed: 5))
    #expect(plan != FaultPlan(counts, total: 20_000, seed: 4, pass: 1))
  }

  @Test(
    "every fault of a plan happens, whatever the client must do for it", arguments: [1, 2, 3] as [UInt64])
  func allHappen(seed: UInt64) throws {
    let counts = try FaultCounts(parsing: "60")
    let test = TestVenue(3000) {
      $0.faults = counts
      $0.seed = seed
    }
    var client = test.connect()
    var seen = 0
    // Subscribes again after half a second of silence, connects again when it must, and asks REST now and then.
    for round in 0..<400 where !test.venue.isOver {
      test.run(milliseconds: 500)
      if round % 3 == 0 { _ = test.get("/v2/trades?limit=1") }
      if test.endings[client] != nil {
        if !test.refuses() { client = test.connect() }
      } else if test.frames[client]?.count == seen {
        test.send(client, TestVenue.everything)
      }
      seen = test.frames[client]?.count ?? 0
    }
    #expect(test.venue.status.faults == counts.counts)
    #expect(test.venue.isOver)
    #expect(test.happened.count == 3000)
  }

  @Test("faults of REST do not wait for ever for a request")
  func abandoned() {
    let test = TestVenue {
      $0.faults = FaultCounts([.rest503: 2])
      $0.restFaultPatience = .seconds(1)
    }
    _ = test.connect()
    test.run(milliseconds: 900)
    #expect(!test.venue.isOver)
    test.run(milliseconds: 400)
    #expect(test.venue.isOver)
    #expect(test.venue.status.faults == [:])
  }
}

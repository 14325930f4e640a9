import Testing

@testable import Simulator

@Suite struct FaultTests {
  /// A venue with a subscriber that has had some orders.
  private static func running(_ configure: (inout SimulatorOptions) -> Void = { _ in }) -> (TestVenue, Int) {
    let test = TestVenue(2000, configure)
    let client = test.connect()
    test.run(milliseconds: 100)
    return (test, client)
  }

  @Test("a drop resets the connection at once")
  func drop() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.drop, test.now)
    test.step()
    #expect(test.endings[client] == .reset)
    #expect(test.venue.status.faults == [.drop: 1])
  }

  @Test("a freeze stops the orders, not the answers, until the client subscribes again")
  func freeze() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.freeze, test.now)
    test.run(milliseconds: 50)
    #expect(test.orders(client).count == 100)
    test.send(client, "PING")
    #expect(test.texts(client).last == "PONG")
    test.send(client, TestVenue.everything)
    test.run(milliseconds: 10)
    #expect(test.orders(client).count > 100)
    #expect(test.happened.count == 160, "what was not sent happened all the same")
  }

  @Test("subscriptions lapse without a word, and a new one works")
  func expire() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.expire, test.now)
    test.run(milliseconds: 50)
    #expect(test.orders(client).count == 100)
    #expect(test.venue.status.subscriptions == 0)
    #expect(test.endings[client] == nil)
    test.send(client, TestVenue.everything)
    test.run(milliseconds: 10)
    #expect(test.orders(client).count == 110)
  }

  @Test("a burst is sent a second time, as it was")
  func duplicate() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.duplicate, test.now)
    test.step()
    let orders = test.orders(client)
    let burst = orders.dropFirst(100)
    #expect((5...50).contains(burst.count))
    #expect(Array(burst) == Array(orders[..<100].suffix(burst.count)))
  }

  @Test("a stretch is shuffled, and nothing is lost")
  func reorder() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.reorder, test.now)
    test.run(milliseconds: 100)
    let orders = test.orders(client)
    #expect(orders.map(\.common) != test.happened.map(\.common))
    #expect(orders.map(\.common).sorted() == test.happened.map(\.common).sorted())
    #expect(orders[..<100].map(\.common) == test.happened[..<100].map(\.common))
  }

  @Test("a stretch is held for 0.2 to 2 seconds, then sent in order")
  func delay() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.delay, test.now)
    test.run(milliseconds: 199)
    #expect(test.orders(client).count == 100)
    test.run(milliseconds: 1900)
    #expect(test.orders(client).map(\.common) == test.happened.map(\.common))
    #expect(test.orders(client).count == 2000)
  }

  @Test("a message is cut, and the connection ends")
  func cut() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.cut, test.now)
    test.run(milliseconds: 2)
    #expect(test.endings[client] == .end)
    #expect(test.orders(client).count == 100)
    #expect((test.bytes[client] ?? []).count > 100, "the beginning of a frame is there")
  }

  @Test("garbage is a frame of its own, and the orders go on", arguments: 1...8)
  func garbage(seed: UInt64) {
    let (test, client) = FaultTests.running { $0.seed = seed }
    let before = test.frames[client]?.count ?? 0
    test.venue.inject(.garbage, test.now)
    test.run(milliseconds: 50)
    let frames = test.frames[client] ?? []
    #expect(frames.count == before + 51)
    #expect(frames.count { $0.kind == 0x82 || $0.json == nil || $0.text == "null null" } == 1)
    #expect(test.orders(client).count == 150)
  }

  @Test("bytes dribble, then all of them are there")
  func slow() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.slow, test.now)
    test.run(milliseconds: 250)
    #expect(test.orders(client).count < 130, "50 drops of 160 bytes")
    #expect(test.happened.count == 350)
    test.run(milliseconds: 1800)
    #expect(test.orders(client).map(\.common) == test.happened.map(\.common))
  }

  @Test("a restart closes connections and refuses handshakes for a while, counted from the first")
  func refuse() {
    let (test, client) = FaultTests.running()
    test.venue.inject(.refuse, test.now)
    test.step()
    #expect(test.endings[client] == .handshake)
    #expect(test.frames[client]?.last?.closeCode == 1012)
    test.run(milliseconds: 3000)
    #expect(test.venue.status.faults == [:])
    #expect(test.refuses())
    #expect(test.venue.status.faults == [.refuse: 1])
    test.run(milliseconds: 499)
    #expect(test.refuses())
    test.run(milliseconds: 1600)
    #expect(!test.refuses())
    #expect(test.venue.status.faults == [.refuse: 1])
  }

  @Test("the next request of REST fails, once", arguments: [(Fault.rest429, 429), (.rest503, 503)])
  func rest(_ fault: Fault, _ status: Int) {
    let (test, _) = FaultTests.running()
    test.venue.inject(fault, test.now)
    let response = test.get("/v2/trades")
    #expect(response.status == status)
    #expect(response.retryAfter == 1)
    #expect(test.get("/v2/trades").status == 200)
    #expect(test.venue.status.faults == [fault: 1])
    #expect(test.venue.status.restRequests == 2)
    #expect(test.venue.status.restErrors == 1)
  }

  @Test("with nobody there, a fault waits for the next subscriber")
  func waits() {
    let test = TestVenue(2000) { $0.startsAtOnce = true }
    test.venue.inject(.drop, test.now)
    test.run(milliseconds: 20)
    #expect(test.venue.status.faults == [:])
    let client = test.connect()
    test.run(milliseconds: 20)
    #expect(test.endings[client] == .reset)
  }

  @Test("rates repeat and shuffle some orders, and lose none")
  func rates() {
    let test = TestVenue(2000) {
      $0.duplicateRate = 0.05
      $0.reorderRate = 0.02
    }
    let client = test.connect()
    test.run(milliseconds: 2100)
    let orders = test.orders(client).map(\.common)
    #expect((2030...2200).contains(orders.count))
    #expect(Set(orders) == Set(test.happened.map(\.common)))
    #expect(orders != orders.sorted())
    let failing = TestVenue { $0.restErrorRate = 0.5 }
    let statuses = (0..<200).map { _ in failing.get("/v2/trades").status }
    #expect(Set(statuses) == [200, 429, 503])
  }
}

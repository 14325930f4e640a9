import Testing

@testable import Pipeline

@Suite struct LiveMeterTests {
  private static let second: UInt64 = 1_000_000_000
  private static let start: UInt64 = 1_000 * second

  @Test("without anything there is no rate and no latency")
  func empty() {
    var meter = LiveMeter()
    #expect(meter.rate(Self.start) == 0)
    #expect(meter.latency == nil)
    meter.note(Self.start, orders: 5, latencies: [])
    #expect(meter.latency == nil)
  }

  @Test("a steady flow has its rate, whenever one looks", arguments: [10, 1_000, 20_000])
  func steady(rate: Int) {
    var meter = LiveMeter()
    for tenth in 0..<400 {
      let now = Self.start + UInt64(tenth) * Self.second / 10
      meter.note(now, orders: rate / 10, latencies: [])
      guard tenth > 60 else { continue }
      let measured = meter.rate(now)
      #expect(measured > Double(rate) * 0.95 && measured < Double(rate) * 1.3)
    }
  }

  @Test("a flow that stops is forgotten")
  func stops() {
    var meter = LiveMeter()
    meter.note(Self.start, orders: 1_000, latencies: [1_000])
    #expect(meter.rate(Self.start + 60 * Self.second) == 0)
    #expect(meter.latency == nil)
  }

  @Test("median and 99th percentile are right to an eighth", arguments: [1.0, 7, 100, 12_345, 987_654_321])
  func percentiles(scale: Double) throws {
    var meter = LiveMeter()
    let latencies = (1...1_000).map { UInt64(Double($0) * scale * 1_000) }
    meter.note(Self.start, orders: 0, latencies: latencies.shuffled())
    let latency = try #require(meter.latency)
    #expect(abs(latency.median - 500 * scale) <= 500 * scale / 8)
    #expect(abs(latency.p99 - 990 * scale) <= 990 * scale / 8)
  }

  @Test("one message is its own median and percentile", arguments: [0, 1, 7, 8, 1_000, UInt64.max])
  func single(latency: UInt64) throws {
    var meter = LiveMeter()
    meter.note(Self.start, orders: 1, latencies: [latency])
    let measured = try #require(meter.latency)
    #expect(measured.median == measured.p99)
    #expect(abs(measured.median * 1_000 - Double(latency)) <= Double(latency) / 8)
  }

  @Test("a clock that two threads read in another order does not trap")
  func disorder() {
    var meter = LiveMeter()
    meter.note(Self.start + 10 * Self.second, orders: 1, latencies: [1])
    meter.note(Self.start, orders: 1, latencies: [1])
    #expect(meter.rate(Self.start) >= 0)
  }
}

import Glibc
import Testing

@testable import Simulator

@Suite struct FlowTests {
  private static func rows(_ flow: Flow) -> [SeenOrder] {
    let writer = OrderWriter(flow: flow)
    var bytes: [UInt8] = []
    for (leg, order) in flow.orders.enumerated() {
      writer.appendDomeRow(
        VenueOrder(leg: UInt32(leg), pass: 0, time: order.time, logIndex: 0, visibleAt: 0), to: &bytes)
      bytes.append(0x0A)
    }
    return scan(bytes).orders
  }

  @Test("the same seed makes the same flow, another seed another one")
  func seeded() {
    let flow = FlowTests.rows(FlowGenerator.flow(count: 500, seed: 7, rate: 10))
    #expect(flow.count == 500)
    #expect(flow == FlowTests.rows(FlowGenerator.flow(count: 500, seed: 7, rate: 10)))
    #expect(flow != FlowTests.rows(FlowGenerator.flow(count: 500, seed: 8, rate: 10)))
  }

  @Test("every match has its taker's leg with the shares of all makers, in one transaction and second")
  func matches() {
    let flow = FlowTests.rows(FlowGenerator.flow(count: 3000, seed: 1, rate: 100))
    let matches = Dictionary(grouping: flow) { $0.txHash }
    #expect(matches.count > 500)
    var singles = 0
    for legs in matches.values {
      let takers = legs.filter { $0.role == 1 }
      let makers = legs.filter { $0.role == 2 }
      #expect(takers.count == 1)
      #expect(takers.count + makers.count == legs.count)
      #expect(Set(legs.map(\.time)).count == 1)
      if makers.isEmpty {
        singles += 1
      } else {
        #expect(takers[0].shares == makers.reduce(0) { $0 + $1.shares })
      }
      for maker in makers {
        #expect(maker.texts[8] == takers[0].texts[0], "a maker's leg names the taker")
        let isMint = maker.texts[1] != takers[0].texts[1]
        #expect(isMint ? maker.price + takers[0].price == 1_000_000 : maker.price == takers[0].price)
        #expect(isMint ? maker.isBuy && takers[0].isBuy : maker.isBuy != takers[0].isBuy)
      }
    }
    #expect(singles <= 1, "only the last match may have had no room for a maker")
  }

  @Test("seconds advance as the rate says")
  func seconds() {
    let flow = FlowGenerator.flow(count: 1000, seed: 1, rate: 50).orders
    #expect(flow.first?.time == 1_792_000_000)
    #expect((flow.last?.time ?? 0) - 1_792_000_000 == 19)
  }

  @Test("a recorded file loses its repeats and nothing else")
  func recorded() throws {
    let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    let flow = try FlowReader.read(path: root + "/fixtures/flow.jsonl.gz")
    #expect(flow.count == 20_055)
    let page = try FlowReader.read(path: root + "/fixtures/dome_page.json")
    #expect(page.count == 90, "the twins at its end differ in log_index")
    let edges = try FlowReader.read(path: root + "/fixtures/edge_cases.jsonl")
    #expect(edges.count == 29)
  }

  @Test("a file that is missing or has no orders is named", arguments: ["/nowhere/x.jsonl", "/dev/null"])
  func unreadable(path: String) {
    let error = #expect(throws: SimulatorError.self) { try FlowReader.read(path: path) }
    #expect(error?.description.contains(path) == true)
  }

  @Test("twins stand beside their originals, as many as the rate says, the same ones for a seed")
  func twins() {
    let flow = FlowGenerator.flow(count: 4000, seed: 3, rate: 100)
    let twins = FlowTests.rows(flow.withTwins(rate: 0.05, seed: 3))
    #expect((100...300).contains(twins.count - 4000))
    #expect(Set(twins) == Set(FlowTests.rows(flow)))
    #expect(zip(twins, twins.dropFirst()).filter { $0 == $1 }.count == twins.count - 4000)
    #expect(twins == FlowTests.rows(flow.withTwins(rate: 0.05, seed: 3)))
    #expect(flow.withTwins(rate: 0, seed: 3).count == 4000)
  }
}

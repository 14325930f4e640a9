/// One thing that the runner does, in the order in which it does them.
enum TestStep: Equatable {
  /// The event at this place of the test's flow arrives; `isRepeat`: once more.
  case event(Int, isRepeat: Bool)
  /// The clock goes on to this event time, ms.
  case tick(Int64)
  case gap(from: Int64, to: Int64)
  case restart
  case reload([String: String])

  /// The steps of a flow to which all this happens.
  static func plan(_ test: RuleTest, _ injections: [TestInjection], lateness: Int64) -> [TestStep] {
    let orders = test.orders
    var steps = test.events.indices.map { TestStep.event($0, isRepeat: false) }
    // How many steps each order has behind it: what is injected there comes in the order in which it is listed.
    var behind: [Int: Int] = [:]
    for injection in injections {
      guard orders.indices.contains(injection.after - 1) else { continue }
      let event = orders[injection.after - 1]
      guard let place = steps.lastIndex(of: .event(event, isRepeat: false)) else { continue }
      let time = test.events[event].time
      func insert(_ step: TestStep) {
        steps.insert(step, at: min(place + 1 + behind[event, default: 0], steps.count))
        behind[event, default: 0] += 1
      }
      switch injection.kind {
      case .restart: insert(.restart)
      case .reload(let parameters): insert(.reload(parameters))
      case .duplicate: insert(.event(event, isRepeat: true))
      case .gap(let span): insert(.gap(from: time, to: time + span))
      case .tick(let span): insert(.tick(time + span))
      case .reorder:
        let next = steps[(place + 1)...].firstIndex { step in
          if case .event(let other, false) = step { test.events[other].order != nil } else { false }
        }
        if let next { steps.swapAt(place, next) }
        behind[event] = nil
      case .late(let span):
        delay(place, until: time + lateness + span, &steps, test)
        behind[event] = nil
      }
    }
    return steps
  }

  /// Moves a step behind everything that happens up to a time, and brings the clock there.
  private static func delay(_ place: Int, until time: Int64, _ steps: inout [TestStep], _ test: RuleTest) {
    let step = steps.remove(at: place)
    let next = steps[place...].firstIndex { step in
      switch step {
      case .event(let event, _): test.events[event].time > time
      case .tick(let other): other > time
      case .gap, .restart, .reload: false
      }
    }
    steps.insert(contentsOf: [.tick(time), step], at: next ?? steps.count)
  }
}

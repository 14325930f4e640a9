import Documents

/// Reads what a test expects and injects.
struct ExpectationReader {
  /// The test so far, with its flow.
  let test: RuleTest
  let path: String

  // MARK: expect

  func expectations(_ value: PlacedValue) throws(PlacedProblem) -> [TestExpectation] {
    guard case .list(let values) = value.content else {
      throw PlacedProblem(
        value.origin, "expect must be a list such as [{ at: 5, severity: high }], not \(value.words)")
    }
    var expectations: [TestExpectation] = []
    for value in values {
      let map = try PlacedMap(value, path: "expect")
      try map.allow(["at"] + TestExpectation.names)
      let place = try place(map)
      let fields = map.entries.filter { $0.key != "at" }.map {
        TestExpectation.Field(name: $0.key, value: TestValue($0.value))
      }
      expectations.append(TestExpectation(place: place, fields: fields, origin: map.origin))
    }
    return expectations
  }

  private func place(_ map: PlacedMap) throws(PlacedProblem) -> TestExpectation.Place {
    let wanted = "the number of an order, from 1, or the time of an event, such as +10m"
    guard let place = try map.read("at", wanted, { self.place($0) }) else {
      throw PlacedProblem(map.origin, "expect.at is missing: \(wanted)")
    }
    let origin = map["at"]?.origin ?? map.origin
    switch place {
    case .order(let number):
      let orders = test.orders
      guard orders.indices.contains(number - 1) else {
        throw PlacedProblem(origin, "expect.at is \(number), but there are \(orders.count) orders")
      }
      if test.isTable { try checkMark(test.events[orders[number - 1]], "order \(number)", origin) }
    case .time(let time):
      guard let event = test.events.last(where: { $0.time == time }) else {
        throw PlacedProblem(origin, "expect.at: there is no event at that time")
      }
      if test.isTable { try checkMark(event, "the event", origin) }
    }
    return place
  }

  private func place(_ text: String) -> TestExpectation.Place? {
    if let number = Int(text) { return number > 0 ? .order(number) : nil }
    guard text.first == "+", let span = OrderTable.milliseconds(text.dropFirst()) else { return nil }
    return .time(test.start + span)
  }

  /// In a table the marks say where signals are due.
  private func checkMark(_ event: TestEvent, _ what: String, _ origin: String) throws(PlacedProblem) {
    if !event.marks.contains(where: \.isSignal) {
      throw PlacedProblem(
        origin, "\(what) (line \(event.line)) is to be quiet: mark it with #> and a severity")
    }
  }

  // MARK: inject

  func injections(_ value: PlacedValue) throws(PlacedProblem) -> [TestInjection] {
    guard case .list(let values) = value.content else {
      throw PlacedProblem(
        value.origin, "inject must be a list such as [{ after: 3, do: restart }], not \(value.words)")
    }
    let count = test.orders.count
    var injections: [TestInjection] = []
    for value in values {
      let map = try PlacedMap(value, path: "inject")
      try map.allow(["after", "do", "params"])
      guard let after = try map.number("after", 1...max(1, count)) else {
        throw PlacedProblem(map.origin, "inject.after is missing: the number of an order, from 1")
      }
      let kind = try kind(map)
      if kind == .reorder, after == count {
        throw PlacedProblem(map.origin, "inject: there is no order behind \(after) to change places with")
      }
      injections.append(TestInjection(kind, after: after))
    }
    return injections
  }

  private func kind(_ map: PlacedMap) throws(PlacedProblem) -> TestInjection.Kind {
    let text = try map.required("do", TestInjection.words.joined(separator: ", "))
    let words = text.split(separator: " ").map(String.init)
    let origin = map["do"]?.origin ?? map.origin
    var parameters: [String: String] = [:]
    if let value = map["params"] {
      let section = try PlacedMap(value, path: "inject.params")
      if words.first != "reload" { throw PlacedProblem(section.origin, "inject.params goes with do: reload") }
      for entry in section.entries { parameters[entry.key] = try section.read(entry.key, "a value") { $0 } }
    }
    let span = words.count == 2 ? OrderTable.milliseconds(words[1]) : nil
    switch (words.first, words.count, span) {
    case ("restart", 1, _): return .restart
    case ("reload", 1, _): return .reload(parameters)
    case ("duplicate", 1, _): return .duplicate
    case ("reorder", 1, _): return .reorder
    case ("gap", 2, let span?): return .gap(span)
    case ("late", 2, let span?): return .late(span)
    case ("tick", 2, let span?): return .tick(span)
    case ("gap", _, _), ("late", _, _), ("tick", _, _):
      throw PlacedProblem(origin, "inject: write '\(words[0])' with a span of time, such as \(words[0]) 30s")
    default:
      let hint = NearestName.hintOrList(words.first ?? "", of: TestInjection.words)
      throw PlacedProblem(origin, "inject: '\(text)' cannot be done\(hint)")
    }
  }
}

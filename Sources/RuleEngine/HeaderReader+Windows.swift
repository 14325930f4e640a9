import OrderFlow

extension HeaderReader {
  /// The declared windows in name order.
  func windows() throws(RuleProblem) -> [WindowDefinition] {
    let tree = spec("windows")
    if tree == .none { return [] }
    guard case .table(let pairs) = tree, pairs.count <= 16 else {
      throw problem("windows must be a table with at most 16 windows", at: "windows")
    }
    var result: [WindowDefinition] = []
    for pair in pairs {
      guard let name = pair.key.text, pair.value.kind == "window" else {
        throw problem(
          "a window is made by window.sliding, window.tumbling or window.session",
          at: pair.key.text ?? "windows")
      }
      result.append(try window(name, pair.value))
    }
    return result
  }

  private func window(_ name: String, _ tree: HeaderTree) throws(RuleProblem) -> WindowDefinition {
    let spec = tree["spec"]
    let line = tree.line
    let isSession = tree["type"].text == "session"
    let known = HeaderReader.windowKeys + (isSession ? ["gap"] : [])
    try checkNames(spec, known, what: "window '\(name)'", line: line)
    let span =
      spec["span"] == .none && isSession ? Int64(86_400_000) : try duration(spec["span"], "span", line: line)
    let shape: WindowDefinition.Shape
    switch tree["type"].text {
    case "sliding": shape = .sliding(span: span)
    case "tumbling": shape = .tumbling(width: span)
    default: shape = .session(gap: try duration(spec["gap"], "gap", line: line), span: span)
    }
    var definition = WindowDefinition(
      name: name, line: line, shape: shape,
      keys: try fields(spec["by"], "by", line: line),
      conditions: try conditions(spec["where"], windows: [], what: "where of window '\(name)'", line: line),
      values: [], aggregates: [], topNames: [])
    try readAggregates(spec["agg"], into: &definition)
    definition.maximumKeys = try cap(spec["max_keys"], "max_keys", definition.maximumKeys, line: line)
    definition.maximumItems = try cap(spec["max_items"], "max_items", definition.maximumItems, line: line)
    return definition
  }

  func cap(_ tree: HeaderTree, _ name: String, _ standard: Int, line: Int) throws(RuleProblem) -> Int {
    if tree == .none { return standard }
    guard let value = tree.integer, value >= 1, value <= 10_000_000 else {
      throw problem("\(name) must be a whole number from 1 to 10000000", at: name, line: line)
    }
    return Int(value)
  }

  private func readAggregates(_ tree: HeaderTree, into definition: inout WindowDefinition) throws(RuleProblem)
  {
    guard case .table(let pairs) = tree, !pairs.isEmpty, pairs.count <= 32 else {
      throw problem(
        "window '\(definition.name)' needs agg = { name = count(), … }, at most 32", at: "agg",
        line: definition.line)
    }
    let reserved = definition.keys.map(\.name) + ["orders", "truncated"]
    for pair in pairs {
      guard let name = pair.key.text, pair.value.kind == "aggregate" else {
        let message =
          "an aggregate is made by count, sum, mean, min, max, first, last, distinct, stddev, quantile, ewma or top"
        throw problem(message, at: pair.key.text ?? "agg", line: definition.line)
      }
      if reserved.contains(name) {
        throw problem(
          "'\(name)' already means something in this window: choose another name", at: name,
          line: pair.value.line)
      }
      let reader = AggregateReader(header: self, name: name, tree: pair.value)
      let (aggregate, top) = try reader.read(into: &definition.values)
      definition.aggregates.append((name, aggregate))
      definition.topNames.append(top)
    }
  }
}

/// Reads one aggregate: which fields it takes and what it makes of them.
private struct AggregateReader {
  let header: HeaderReader
  let name: String
  let tree: HeaderTree

  func read(
    into values: inout [OrderField]
  ) throws(RuleProblem) -> (WindowDefinition.Aggregate, (label: String, weight: String)?) {
    let function = tree["__name"].text ?? ""
    switch function {
    case "count": return (.count, nil)
    case "sum": return (.sum(value: try number(0, &values)), nil)
    case "mean": return (.mean(value: try number(0, &values)), nil)
    case "min": return (.minimum(value: try number(0, &values)), nil)
    case "max": return (.maximum(value: try number(0, &values)), nil)
    case "stddev": return (.deviation(value: try number(0, &values)), nil)
    case "first": return (.first(value: try any(0, &values)), nil)
    case "last": return (.last(value: try any(0, &values)), nil)
    case "distinct": return (.distinct(value: try any(0, &values)), nil)
    case "quantile":
      let value = try number(0, &values)
      let fraction: Double? =
        switch argument(1) {
        case .number(let given): given
        case .integer(let given): Double(given)
        default: nil
        }
      guard let fraction, fraction > 0, fraction <= 1 else {
        throw complaint("quantile takes a fraction in (0, 1]")
      }
      return (.quantile(value: value, fraction: fraction), nil)
    case "ewma":
      let value = try number(0, &values)
      return (.ewma(value: value, halfLife: try header.duration(argument(1), name, line: tree.line)), nil)
    default: return try top(&values)
    }
  }

  private func top(
    _ values: inout [OrderField]
  ) throws(RuleProblem) -> (WindowDefinition.Aggregate, (label: String, weight: String)?) {
    guard let count = argument(1).integer, (1...100).contains(count), let weight = argument(2).text,
      let label = argument(0).text, label != weight
    else {
      throw complaint(
        "top takes a field, a count from 1 to 100 and a numeric field: top(\"user\", 5, \"usd\")")
    }
    let labelPlace = try any(0, &values)
    return (.top(label: labelPlace, count: Int(count), weight: try number(2, &values)), (label, weight))
  }

  private func argument(_ place: Int) -> HeaderTree {
    guard case .table(let pairs) = tree["arguments"] else { return .none }
    return pairs.first { $0.key == .integer(Int64(place + 1)) }?.value ?? .none
  }

  private func complaint(_ message: String) -> RuleProblem {
    header.problem(message, at: name, line: tree.line)
  }

  private func any(_ place: Int, _ values: inout [OrderField]) throws(RuleProblem) -> Int {
    guard let text = argument(place).text else {
      throw complaint("'\(name)' takes the name of an order field")
    }
    let field = try header.field(text, name, line: tree.line)
    if let known = values.firstIndex(of: field) { return known }
    if case .late = field { throw complaint("'late' cannot be aggregated") }
    if field.codes != nil { throw complaint("'\(text)' cannot be aggregated; put it in by or where") }
    values.append(field)
    return values.count - 1
  }

  private func number(_ place: Int, _ values: inout [OrderField]) throws(RuleProblem) -> Int {
    let value = try any(place, &values)
    if values[value].isInteger { return value }
    throw complaint("'\(name)' needs a numeric field; '\(argument(place).text ?? "")' is text")
  }
}

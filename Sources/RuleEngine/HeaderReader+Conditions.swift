import OrderFlow

extension HeaderReader {
  /// The conditions of a `where`; with `windows`, keys may also be "window.aggregate".
  func conditions(
    _ tree: HeaderTree, windows: [WindowDefinition], what: String, line: Int? = nil
  ) throws(RuleProblem) -> [Condition] {
    if tree == .none { return [] }
    guard case .table(let pairs) = tree else {
      throw problem("\(what) must be a table", at: "where", line: line)
    }
    var result: [Condition] = []
    for pair in pairs {
      guard let name = pair.key.text else {
        throw problem("\(what) has field names as keys", at: "where", line: line)
      }
      result.append(
        try condition(name, pair.value, windows, line: pair.value.line > 0 ? pair.value.line : line))
    }
    return result
  }

  private func condition(
    _ name: String, _ tree: HeaderTree, _ windows: [WindowDefinition], line: Int?
  ) throws(RuleProblem) -> Condition {
    let line = line ?? 0
    guard let dot = name.firstIndex(of: ".") else {
      let field = try field(name, name, line: line)
      return Condition(subject: .field(field), test: try test(name, tree, field, line: line))
    }
    let windowName = String(name[..<dot])
    guard let window = windows.firstIndex(where: { $0.name == windowName }) else {
      let known = HeaderReader.suggestion(windowName, windows.map(\.name))
      throw problem("there is no window '\(windowName)'\(known)", at: name, line: line)
    }
    let aggregateName = String(name[name.index(after: dot)...])
    let aggregates = windows[window].aggregates.map(\.name)
    guard let aggregate = aggregates.firstIndex(of: aggregateName) else {
      let known = HeaderReader.suggestion(aggregateName, aggregates)
      throw problem(
        "window '\(windowName)' has no aggregate '\(aggregateName)'\(known)", at: name, line: line)
    }
    let test = try test(name, tree, nil, line: line)
    switch (windows[window].kind(of: aggregate), test) {
    case (.other, _): throw problem("'\(name)' is no number and cannot be tested here", at: name, line: line)
    case (.number, .oneOf):
      throw problem("'\(name)' is a float: test it with at_least or at_most", at: name, line: line)
    default: break
    }
    return Condition(subject: .aggregate(window: window, aggregate: aggregate), test: test)
  }

  private func test(
    _ name: String, _ tree: HeaderTree, _ field: OrderField?, line: Int
  ) throws(RuleProblem) -> Condition.Test {
    switch tree["__name"].text {
    case "at_least", "at_most":
      if let field, !field.isInteger {
        throw problem("'\(name)' is text: compare it with = or one_of", at: name, line: line)
      }
      let bound = try bound(tree["value"], name, line: line)
      if field != nil, !bound.isWhole {
        let message =
          "'\(name)' is an integer in millionths and is compared with a fraction: write usd(…), cents(…) or shares(…)"
        throw problem(message, at: name, line: line)
      }
      // An aggregate may be an integer too: the least whole number that passes, or the greatest.
      let isLeast = tree["__name"].text == "at_least"
      let whole = bound.0.rounded(isLeast ? .up : .down)
      let rounded = bound.isWhole ? bound.1 : Int64(exactly: whole) ?? (whole < 0 ? .min : .max)
      return isLeast ? .atLeast(bound.0, rounded) : .atMost(bound.0, rounded)
    case "one_of":
      guard let values = tree["values"].list, !values.isEmpty, values.count <= 1000 else {
        throw problem("one_of takes one to a thousand values", at: name, line: line)
      }
      return try oneOf(name, values, field, line: line)
    default:
      return try oneOf(name, [tree], field, line: line)
    }
  }

  private func oneOf(
    _ name: String, _ values: [HeaderTree], _ field: OrderField?, line: Int
  ) throws(RuleProblem) -> Condition.Test {
    if case .text = field {
      let texts = values.compactMap { $0.text.map { Array($0.utf8) } }
      guard texts.count == values.count else {
        throw problem("'\(name)' is compared with text", at: name, line: line)
      }
      if texts.contains([]) {
        throw problem(
          "'\(name)' is never empty: what the venue did not send fulfils no condition", at: name, line: line)
      }
      return .oneOfTexts(texts)
    }
    if let codes = field?.codes {
      var result: [Int64] = []
      for value in values {
        guard let code = codes.first(where: { $0.name == value.text }) else {
          let known = codes.map { "\"\($0.name)\"" }.joined(separator: " or ")
          throw problem("'\(name)' is \(known)", at: name, line: line)
        }
        result.append(code.code)
      }
      return .oneOf(result)
    }
    if field == .late {
      guard case .boolean(let wanted) = values[0], values.count == 1 else {
        throw problem("'late' is true or false", at: name, line: line)
      }
      return .oneOf([wanted ? 1 : 0])
    }
    let numbers = values.compactMap(\.integer)
    guard numbers.count == values.count else {
      throw problem(
        "'\(name)' is compared with whole numbers; write usd(…), cents(…) or shares(…) for money", at: name,
        line: line)
    }
    return .oneOf(numbers)
  }
}

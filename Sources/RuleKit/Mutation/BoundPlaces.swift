/// The comparisons that the number or the comparison of a mutant takes part in.
struct BoundPlaces {
  /// In functions.
  private(set) var comparisons: Set<LuaExpression.ID> = []
  /// In the header: `usd_floor`, `buys.n`, and `buys/usd_floor` in the `where` of a window.
  private(set) var conditions: Set<String> = []

  private let chunk: LuaChunk
  private let values: LocalValues

  init(_ mutant: Mutant, in chunk: LuaChunk) {
    self.chunk = chunk
    values = LocalValues(chunk)
    if let comparison = mutant.comparison {
      comparisons = [comparison]
      return
    }
    let place = mutant.range
    let around = chunk.expressions.indices.map { LuaExpression.ID(index: $0) }.filter { id in
      isComparison(id) && chunk[id].range.holds(place)
    }
    if !around.isEmpty {
      comparisons = Set(around)
      return
    }
    let header = RuleFinder.header(of: chunk, values)
    let tests = header.map { headerConditions($0) } ?? []
    conditions = Set(tests.filter { chunk[$0.value].range.holds(place) }.map(\.name))
    if let header, let parameter = parameter(at: place, header) {
      conditions.formUnion(tests.filter { names($0.value, parameter) }.map(\.name))
      comparisons = compared {
        if case .field(_, let name) = chunk[$0].kind { name.text == parameter } else { false }
      }
    } else {
      comparisons = compared { [values] id in
        values.resolve(id) != id && chunk[values.resolve(id)].range.holds(place)
      }
    }
  }

  /// The comparisons in which, or in whose locals, an expression is as wanted.
  private func compared(_ isWanted: (LuaExpression.ID) -> Bool) -> Set<LuaExpression.ID> {
    var found: Set<LuaExpression.ID> = []
    for index in chunk.expressions.indices {
      let id = LuaExpression.ID(index: index)
      guard isComparison(id), case .binary(_, let left, let right) = chunk[id].kind else { continue }
      var waiting = [left, right]
      var looked = 0
      while let next = waiting.popLast(), looked < 1000 {
        looked += 1
        if isWanted(next) { found.insert(id) }
        let value = values.resolve(next)
        // What a call returns is not what it was given: a mention of the rule is none of all its header.
        if case .call = chunk[value].kind, value != next { continue }
        waiting += value == next ? chunk[next].parts : [value]
      }
    }
    return found
  }

  private func isComparison(_ expression: LuaExpression.ID) -> Bool {
    if case .binary(let operation, _, _) = chunk[expression].kind { operation.isComparison } else { false }
  }

  private func headerConditions(_ header: LuaExpression.ID) -> [(name: String, value: LuaExpression.ID)] {
    var found: [(name: String, value: LuaExpression.ID)] = []
    for (key, value) in RuleHeaderText.entries(header, chunk) {
      let inner = values.resolve(value)
      if key.text == "where" { found += conditions(inner, prefix: "") }
      guard key.text == "windows" else { continue }
      for (window, call) in RuleHeaderText.entries(inner, chunk) {
        guard case .call(_, let tables) = chunk[values.resolve(call)].kind, let table = tables.first else {
          continue
        }
        for (name, list) in RuleHeaderText.entries(values.resolve(table), chunk) where name.text == "where" {
          found += conditions(values.resolve(list), prefix: window.text + "/")
        }
      }
    }
    return found
  }

  private func conditions(
    _ table: LuaExpression.ID, prefix: String
  ) -> [(name: String, value: LuaExpression.ID)] {
    guard case .table(let items) = chunk[table].kind else { return [] }
    return items.compactMap { item in
      switch item {
      case .named(let name, let value): (prefix + name.text, values.resolve(value))
      case .keyed(let key, let value): (prefix + chunk.literal(values.resolve(key)), values.resolve(value))
      case .positional: nil
      }
    }
  }

  private func parameter(at place: Range<Int>, _ header: LuaExpression.ID) -> String? {
    for (key, table) in RuleHeaderText.entries(header, chunk) where key.text == "params" {
      for (name, call) in RuleHeaderText.entries(values.resolve(table), chunk)
      where chunk[values.resolve(call)].range.holds(place) {
        return name.text
      }
    }
    return nil
  }

  /// Whether a condition is `at_least "NAME"` of a parameter.
  private func names(_ condition: LuaExpression.ID, _ parameter: String) -> Bool {
    guard case .call(_, let arguments) = chunk[condition].kind, let bound = arguments.first,
      case .string = chunk[values.resolve(bound)].kind
    else { return false }
    return chunk.literal(values.resolve(bound)) == parameter
  }
}

extension Range<Int> {
  /// Whether another range is in this one.
  fileprivate func holds(_ other: Range<Int>) -> Bool {
    lowerBound <= other.lowerBound && other.upperBound <= upperBound
  }
}

extension MutantFinder {
  /// Looks at the table given to `rule`. What is in it is not looked at again as mere syntax.
  mutating func findInHeader(_ header: LuaExpression.ID) {
    skipped.insert(header)
    let entries = RuleHeaderText.entries(header, chunk)
    readParameters(entries)
    for (name, value) in entries {
      let inner = values.resolve(value)
      switch name.text {
      case "severity":
        uses[inner] = .severity
        look(into: inner)
      case "params":
        for (_, call) in RuleHeaderText.entries(inner, chunk) { parameter(values.resolve(call)) }
      case "windows":
        for (window, call) in RuleHeaderText.entries(inner, chunk) { self.window(window.text, call) }
      case "sequences":
        for (sequence, call) in RuleHeaderText.entries(inner, chunk) { self.sequence(sequence.text, call) }
      case "where": conditions(inner, of: "the rule")
      case "dedup": dedup(inner, in: header)
      case "timers":
        for (timer, value) in RuleHeaderText.entries(inner, chunk) {
          let interval = values.resolve(value)
          uses[interval] = .interval(of: timer.text)
          look(into: interval)
        }
      case "listens": dropItems(of: inner, .listens) { "no test has a signal of \($0) that matters" }
      default: skipped.insert(inner)
      }
      skipped.insert(inner)
    }
  }

  /// Looks at a part of the header as it looks at the rest of the file.
  private mutating func look(into expression: LuaExpression.ID) {
    skipped.remove(expression)
    chunk.walk(expression, &self)
    skipped.insert(expression)
  }

  private mutating func duration(_ value: LuaExpression.ID, of name: String) {
    let inner = values.resolve(value)
    uses[inner] = .duration(of: name)
    look(into: inner)
  }

  // MARK: Parameters

  private mutating func readParameters(_ entries: [(LuaName, LuaExpression.ID)]) {
    guard let (_, table) = entries.first(where: { $0.0.text == "params" }) else { return }
    for (name, value) in RuleHeaderText.entries(values.resolve(table), chunk) {
      guard case .call(let function, let arguments) = chunk[values.resolve(value)].kind,
        case .field(_, let kind) = chunk[function].kind, let argument = arguments.first
      else { continue }
      let standard = values.resolve(argument)
      amounts.parameters[name.text] = (kind.text, standard)
      let place = "params.\(name.text)"
      switch kind.text {
      case "duration": uses[standard] = .duration(of: place)
      case "bool": uses[standard] = .boolean(of: place)
      case "string": continue
      default: uses[standard] = .amount(kind.text, of: place)
      }
    }
  }

  /// The default alone: bounds and texts for people change nothing that a rule does.
  private mutating func parameter(_ call: LuaExpression.ID) {
    guard case .call(_, let arguments) = chunk[call].kind, let argument = arguments.first else { return }
    look(into: values.resolve(argument))
  }

  // MARK: Windows

  private mutating func window(_ name: String, _ call: LuaExpression.ID) {
    guard case .call(_, let arguments) = chunk[values.resolve(call)].kind, let table = arguments.first else {
      return
    }
    let place = "window \(name)"
    for (key, value) in RuleHeaderText.entries(values.resolve(table), chunk) {
      let inner = values.resolve(value)
      switch key.text {
      case "span", "gap": duration(value, of: "the \(key.text) of \(place)")
      case "by": keys(inner, of: place)
      case "where": conditions(inner, of: place)
      case "agg":
        for (_, aggregate) in RuleHeaderText.entries(inner, chunk) { self.aggregate(aggregate, place) }
      default: continue
      }
    }
  }

  private mutating func aggregate(_ value: LuaExpression.ID, _ place: String) {
    let call = values.resolve(value)
    guard case .call(let function, let arguments) = chunk[call].kind,
      case .global(let name) = chunk[function].kind
    else { return }
    switch name {
    case "min", "max": swapExtreme(chunk[function].range, name, in: code(call))
    case "distinct":
      let field = arguments.first.map { chunk.literal($0) } ?? ""
      add(
        .distinct, chunk[call].range, "count()",
        "no test has the same \(field) twice in one group of \(place): should it count once?")
    case "ewma": if arguments.count > 1 { duration(arguments[1], of: "`\(code(call))`") }
    default: for argument in arguments { look(into: values.resolve(argument)) }
    }
  }

  // MARK: Sequences

  private mutating func sequence(_ name: String, _ call: LuaExpression.ID) {
    guard case .call(_, let arguments) = chunk[values.resolve(call)].kind,
      let table = arguments.first.map(values.resolve), case .table(let items) = chunk[table].kind
    else { return }
    let removals = TableItems(table, in: chunk).removals
    for (number, item) in items.enumerated() {
      switch item {
      case .named(let key, let value) where key.text == "by":
        keys(values.resolve(value), of: "sequence \(name)")
      case .named(let key, let value) where key.text == "within":
        duration(value, of: "the span of sequence \(name)")
      case .positional(let element):
        guard case .call(let named, let tables) = chunk[element].kind,
          case .call(let kind, let names) = chunk[named].kind, case .global(let word) = chunk[kind].kind
        else { continue }
        let title = "\(word) \(names.first.map { chunk.literal($0) } ?? "")"
        if word == "never", number < removals.count {
          add(
            .never, removals[number], "", change: "`\(title)` is dropped",
            at: chunk[element].range.lowerBound,
            "no test has an order that only `\(title)` of sequence \(name) stops")
        }
        if let conditions = tables.first { self.conditions(values.resolve(conditions), of: title) }
      default: continue
      }
    }
  }

  // MARK: Lists and conditions

  private mutating func keys(_ list: LuaExpression.ID, of place: String) {
    dropItems(of: list, .by) { key in
      "no test has \(place == "dedup" ? "signals" : "orders") that only \(key) keeps apart in \(place)"
    }
  }

  /// Drops each of the texts of a list that has more than one.
  private mutating func dropItems(
    of list: LuaExpression.ID, _ kind: MutantKind, question: (String) -> String
  ) {
    guard case .table(let items) = chunk[list].kind, items.count > 1 else { return }
    let places = TableItems(list, in: chunk)
    guard places.removals.count == items.count else { return }
    for (number, item) in items.enumerated() {
      guard case .positional(let value) = item else { continue }
      add(
        kind, places.removals[number], "", change: "`\(code(value))` is dropped",
        at: places.ranges[number].lowerBound, question(chunk.literal(value)))
    }
  }

  private mutating func conditions(_ table: LuaExpression.ID, of place: String) {
    guard case .table(let items) = chunk[table].kind else { return }
    let places = TableItems(table, in: chunk)
    guard places.removals.count == items.count else { return }
    for (number, item) in items.enumerated() {
      let value: LuaExpression.ID
      switch item {
      case .named(_, let tested), .keyed(_, let tested): value = tested
      case .positional: continue
      }
      let text = chunk.excerpt(places.ranges[number])
      add(
        .where, places.removals[number], "", change: "`\(text)` is dropped",
        at: places.ranges[number].lowerBound,
        "no test has an order that only `\(text)` keeps out of \(place)")
      look(into: values.resolve(value))
    }
  }

  private mutating func dedup(_ table: LuaExpression.ID, in header: LuaExpression.ID) {
    for (key, value) in RuleHeaderText.entries(table, chunk) {
      if key.text == "by" { keys(values.resolve(value), of: "dedup") }
      if key.text == "hold" { duration(value, of: "the hold of dedup") }
    }
    guard case .table(let items) = chunk[header].kind else { return }
    let places = TableItems(header, in: chunk)
    guard places.removals.count == items.count else { return }
    for (number, item) in items.enumerated() {
      guard case .named(let name, _) = item, name.text == "dedup" else { continue }
      add(
        .dedup, places.removals[number], "", change: "`dedup` is dropped",
        at: places.ranges[number].lowerBound, "no test has a repeat that dedup folds")
    }
  }
}

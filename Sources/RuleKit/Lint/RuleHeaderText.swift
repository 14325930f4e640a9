/// What the text of a header declares, as far as it is written out.
struct RuleHeaderText {
  /// A window, a parameter, a timer.
  struct Entry {
    var name: LuaName
    /// `sliding`, `usd`; empty for a timer.
    var kind: String
    /// The constructor's table, of a window.
    var table: LuaExpression.ID?
  }

  var windows: [Entry] = []
  var params: [Entry] = []
  var timers: [Entry] = []
  var sequences: [Entry] = []
  /// The names of all steps; nil when they are not all written out.
  var steps: [String]?
  /// Money aggregates by window and name.
  var money: [String: [String: Meaning]] = [:]
  /// What a group of a window answers, for windows that are written out.
  var groupFields: [String: [String]] = [:]
  /// Whether all windows, and all parameters, are written out.
  var knowsWindows = false
  var knowsParams = false

  /// Reads the table given to `rule`.
  init(_ header: LuaExpression.ID?, in chunk: LuaChunk, values: LocalValues) {
    guard let header else { return }
    let isWrittenOut = Self.isWrittenOut(header, chunk)
    (knowsWindows, knowsParams) = (isWrittenOut, isWrittenOut)
    for (name, value) in Self.entries(header, chunk) {
      let table = values.resolve(value)
      if name.text == "windows" { knowsWindows = isWrittenOut && Self.isWrittenOut(table, chunk) }
      if name.text == "params" { knowsParams = isWrittenOut && Self.isWrittenOut(table, chunk) }
      for (entry, call) in Self.entries(table, chunk) {
        let (kind, argument) = Self.constructor(values.resolve(call), chunk)
        switch name.text {
        case "windows": windows.append(Entry(name: entry, kind: kind, table: argument))
        case "params": params.append(Entry(name: entry, kind: kind))
        case "timers": timers.append(Entry(name: entry, kind: ""))
        case "sequences": sequences.append(Entry(name: entry, kind: kind, table: argument))
        default: break
        }
      }
    }
    for window in windows { readFields(of: window, chunk, values) }
    if isWrittenOut { steps = Self.steps(of: sequences, chunk, values) }
  }

  /// The names in `step "probe" { … }`.
  private static func steps(of sequences: [Entry], _ chunk: LuaChunk, _ values: LocalValues) -> [String]? {
    var steps: [String] = []
    for sequence in sequences {
      guard let table = sequence.table.map(values.resolve), case .table(let items) = chunk[table].kind else {
        return nil
      }
      for item in items {
        guard case .positional(let call) = item else { continue }
        guard case .call(let named, _) = chunk[call].kind, case .call(_, let names) = chunk[named].kind,
          let name = names.first, case .string(let bytes) = chunk[name].kind
        else { return nil }
        steps.append(String(decoding: bytes, as: UTF8.self))
      }
    }
    return steps
  }

  /// Reads what the groups of a window answer.
  private mutating func readFields(of window: Entry, _ chunk: LuaChunk, _ values: LocalValues) {
    guard let table = window.table.map(values.resolve), Self.isWrittenOut(table, chunk) else { return }
    var fields = ["orders", "truncated"]
    var isKnown = true
    for (name, value) in Self.entries(table, chunk) {
      let inner = values.resolve(value)
      guard case .table(let items) = chunk[inner].kind else { continue }
      switch name.text {
      case "agg":
        isKnown = isKnown && Self.isWrittenOut(inner, chunk)
        for (aggregate, call) in Self.entries(inner, chunk) {
          fields.append(aggregate.text)
          money[window.name.text, default: [:]][aggregate.text] = Self.meaning(ofAggregate: call, chunk)
        }
      case "by":
        for item in items {
          guard case .positional(let value) = item, case .string(let field) = chunk[value].kind else {
            isKnown = false
            continue
          }
          fields.append(String(decoding: field, as: UTF8.self))
        }
      default: break
      }
    }
    if isKnown { groupFields[window.name.text] = fields }
  }

  /// Whether all keys of a table constructor are names.
  private static func isWrittenOut(_ table: LuaExpression.ID, _ chunk: LuaChunk) -> Bool {
    guard case .table(let items) = chunk[table].kind else { return false }
    return items.allSatisfy { if case .named = $0 { true } else { false } }
  }

  /// Windows that call `on_close`.
  var closingWindows: [String] { windows.filter { $0.kind != "sliding" }.map(\.name.text) }

  /// What an aggregate of one of some windows is.
  func meaning(of aggregate: String, in windows: [String]) -> Meaning {
    let meanings = windows.compactMap { money[$0]?[aggregate] }
    guard let first = meanings.first, meanings.allSatisfy({ $0 == first }) else { return .other }
    return first
  }

  /// What a parameter is.
  func meaning(ofParameter name: String) -> Meaning {
    switch params.first(where: { $0.name.text == name })?.kind {
    case "usd": .dollars
    case "shares": .shares
    default: .other
    }
  }

  /// What a field of an order is.
  static func meaning(ofField name: String) -> Meaning {
    if SandboxNames.dollarFields.contains(name) { return .dollars }
    return SandboxNames.shareFields.contains(name) ? .shares : .other
  }

  /// The `name = value` items of a table constructor.
  static func entries(_ table: LuaExpression.ID, _ chunk: LuaChunk) -> [(LuaName, LuaExpression.ID)] {
    guard case .table(let items) = chunk[table].kind else { return [] }
    return items.compactMap { item in
      if case .named(let name, let value) = item { (name, value) } else { nil }
    }
  }

  /// The last name of `a.b(x)` and its first argument.
  private static func constructor(
    _ call: LuaExpression.ID, _ chunk: LuaChunk
  ) -> (kind: String, argument: LuaExpression.ID?) {
    guard case .call(let function, let arguments) = chunk[call].kind else { return ("", nil) }
    switch chunk[function].kind {
    case .field(_, let name): return (name.text, arguments.first)
    case .global(let name): return (name, arguments.first)
    default: return ("", arguments.first)
    }
  }

  private static func meaning(ofAggregate call: LuaExpression.ID, _ chunk: LuaChunk) -> Meaning {
    let (kind, argument) = constructor(call, chunk)
    guard SandboxNames.exactAggregates.contains(kind), let argument,
      case .string(let field) = chunk[argument].kind
    else { return .other }
    return meaning(ofField: String(decoding: field, as: UTF8.self))
  }
}

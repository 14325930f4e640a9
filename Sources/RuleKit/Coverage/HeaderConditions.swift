import RuleEngine

/// Where the conditions of a header stand in the text, as far as they are written out.
struct HeaderConditions {
  /// A condition in the text.
  struct Entry: Sendable {
    var place: RuleCounts.Place
    var subject: String
    /// Its text: `usd = at_least(usd(100))`.
    var text: String
    var range: Range<Int>
    var line: Int
  }

  private(set) var entries: [Entry] = []
  private let chunk: LuaChunk
  private let values: LocalValues

  init(_ chunk: LuaChunk) {
    self.chunk = chunk
    values = LocalValues(chunk)
    guard let header = RuleFinder.header(of: chunk, values) else { return }
    readWhere(of: header, at: .rule)
    let text = RuleHeaderText(header, in: chunk, values: values)
    for window in text.windows {
      if let table = window.table { readWhere(of: values.resolve(table), at: .window(window.name.text)) }
    }
    for sequence in text.sequences {
      if let table = sequence.table { readSteps(of: values.resolve(table), sequence.name.text) }
    }
    entries.sort { $0.range.lowerBound < $1.range.lowerBound }
  }

  private mutating func readWhere(of table: LuaExpression.ID, at place: RuleCounts.Place) {
    for (name, value) in RuleHeaderText.entries(table, chunk) where name.text == "where" {
      read(values.resolve(value), at: place)
    }
  }

  /// `step "probe" { … }` and `never "exit" { … }`
  private mutating func readSteps(of table: LuaExpression.ID, _ sequence: String) {
    guard case .table(let items) = chunk[table].kind else { return }
    for item in items {
      guard case .positional(let call) = item, case .call(let named, let arguments) = chunk[call].kind,
        case .call(_, let names) = chunk[named].kind, let conditions = arguments.first,
        let name = names.first,
        case .string(let bytes) = chunk[name].kind
      else { continue }
      let step = String(decoding: bytes, as: UTF8.self)
      read(values.resolve(conditions), at: .step(sequence: sequence, name: step))
    }
  }

  private mutating func read(_ table: LuaExpression.ID, at place: RuleCounts.Place) {
    guard case .table(let items) = chunk[table].kind else { return }
    for item in items {
      switch item {
      case .named(let name, let value): add(name.text, name.range.lowerBound, name.line, value, place)
      case .keyed(let key, let value):
        guard case .string(let bytes) = chunk[key].kind else { continue }
        let subject = String(decoding: bytes, as: UTF8.self)
        add(subject, chunk[key].range.lowerBound, chunk[key].line, value, place)
      case .positional: continue
      }
    }
  }

  private mutating func add(
    _ subject: String, _ start: Int, _ line: Int, _ value: LuaExpression.ID, _ place: RuleCounts.Place
  ) {
    let range = chunk[value].range
    entries.append(
      Entry(
        place: place, subject: subject, text: "\(subject) = \(chunk.excerpt(range))",
        range: start..<max(start, range.upperBound), line: line))
  }
}

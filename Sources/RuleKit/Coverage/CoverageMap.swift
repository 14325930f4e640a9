import RuleEngine

/// What there is to cover in a rule's text, and which probes tell of it.
struct CoverageMap: Sendable {
  /// A condition or an operand.
  struct Test: Sendable {
    var probe: Int
    /// Whether it must be both true and false.
    var needsBoth: Bool
    var line: Int
    /// The line that is counted of the statement or the condition around it.
    var countedLine: Int
    /// The probe of that.
    var around: Int
    var text: String
  }

  /// A function of the text.
  struct Function: Sendable {
    /// Nil of one that has none.
    var name: String?
    /// The probe that is called when it begins.
    var probe: Int
    var line: Int
    /// The function around, by its place in `functions`; nil at the top of the file.
    var parent: Int?
  }

  let depth: InstrumentedRule.Depth
  let chunk: LuaChunk
  /// The probes of each line.
  private(set) var lines: [Int: [Int]] = [:]
  private(set) var branches: [Test] = []
  private(set) var operands: [Test] = []
  /// In the order of the text.
  private(set) var functions: [Function] = []
  let conditions: [HeaderConditions.Entry]
  /// How many probes there are.
  let probeCount: Int
  /// For each probe the function that it is in, by its place in `functions`.
  private(set) var owners: [Int?] = []
  private let places: ProbePlaces

  init(_ rule: InstrumentedRule) {
    depth = rule.depth
    chunk = rule.chunk
    probeCount = rule.probes.count
    conditions = HeaderConditions(rule.chunk).entries
    let told = rule.probes.enumerated().filter { rule.depth == .full || $0.element.isOfLine }
    let known = CoverageMap.functions(of: rule.chunk, told)
    functions = known.functions
    owners = rule.probes.map { known.places[$0.function] }
    var items = told.filter { $0.element.kind != .entry }.map { ($0.element.range, $0.offset) }
    // A function that is an operand is inside of that.
    for (id, place) in known.places { items.append((rule.chunk[id].range, functions[place].probe)) }
    places = ProbePlaces(items, isHolder: told.reduce(into: [:]) { $0[$1.offset] = $1.element.isCounted })
    for (number, probe) in told {
      if probe.isCounted { lines[probe.line, default: []].append(number) }
      switch probe.kind {
      case .branch: branches.append(test(number, probe, around: number, rule))
      case .choice: operands.append(test(number, probe, around: places.holder(of: number) ?? number, rule))
      default: break
      }
    }
  }

  private func test(_ number: Int, _ probe: Probe, around: Int, _ rule: InstrumentedRule) -> Test {
    Test(
      probe: number, needsBoth: probe.kind != .choice(decides: false), line: probe.line,
      countedLine: rule.probes[around].line, around: around, text: chunk.excerpt(probe.range))
  }

  /// The functions, and their places in the list by number.
  private static func functions(
    of chunk: LuaChunk, _ told: [(offset: Int, element: Probe)]
  ) -> (functions: [Function], places: [LuaFunction.ID: Int]) {
    var entries: [LuaFunction.ID: Int] = [:]
    var starts: [Int: Int] = [:]
    for (number, probe) in told {
      if probe.kind == .entry { entries[probe.function] = number }
      if case .line = probe.kind { starts[probe.range.lowerBound] = number }
    }
    let names = FunctionNames(chunk)
    var functions: [Function] = []
    var places: [LuaFunction.ID: Int] = [:]
    for (index, function) in chunk.functions.enumerated().dropFirst() {
      let id = LuaFunction.ID(index: index)
      let first = function.body.firstLine.flatMap { starts[$0.range.lowerBound] }
      guard let probe = entries[id] ?? first else { continue }
      places[id] = functions.count
      functions.append(
        Function(
          name: names[id], probe: probe, line: function.line, parent: function.parent.flatMap { places[$0] }))
    }
    return (functions, places)
  }

  /// The probe of the smallest thing that holds all of some bytes; nil outside of functions.
  func innermost(around bytes: Range<Int>) -> Int? { places.innermost(around: bytes) }
}

extension Probe {
  /// Whether it is there even when only lines are told.
  fileprivate var isOfLine: Bool {
    switch kind {
    case .line, .entry: true
    default: false
    }
  }

  /// Whether its line is one that counts.
  fileprivate var isCounted: Bool {
    switch kind {
    case .line, .branch: true
    default: false
    }
  }
}

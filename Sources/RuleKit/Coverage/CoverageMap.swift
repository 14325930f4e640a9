import RuleEngine

/// What there is to cover in a rule's text, and which probes tell of it.
struct CoverageMap: Sendable {
  /// A condition or an operand.
  struct Test: Sendable {
    var probe: Int
    /// Whether it must be both true and false.
    var needsBoth: Bool
    var range: Range<Int>
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
    var range: Range<Int>
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
  private(set) var functions: [Function] = []
  let conditions: [HeaderConditions.Entry]
  /// How many probes there are.
  let probeCount: Int
  /// Everything with a probe by its bytes, inner before outer.
  private var places: [(range: Range<Int>, probe: Int)] = []

  init(_ rule: InstrumentedRule) {
    depth = rule.depth
    chunk = rule.chunk
    probeCount = rule.probes.count
    conditions = HeaderConditions(rule.chunk).entries
    let told = rule.probes.enumerated().filter { depth == .full || $0.element.isOfLine }
    for (number, probe) in told where probe.isCounted { lines[probe.line, default: []].append(number) }
    places = told.filter { $0.element.isCounted }.map { ($0.element.range, $0.offset) }
    places.sort { $0.range.count < $1.range.count }
    for (number, probe) in told {
      switch probe.kind {
      case .branch: branches.append(test(number, probe, needsBoth: true))
      case .choice(let decides): operands.append(test(number, probe, needsBoth: decides))
      default: break
      }
    }
    findFunctions(told)
    for operand in operands { places.append((operand.range, operand.probe)) }
    for function in functions { places.append((function.range, function.probe)) }
    places.sort { $0.range.count < $1.range.count }
  }

  private func test(_ number: Int, _ probe: Probe, needsBoth: Bool) -> Test {
    var around = number
    if case .choice = probe.kind { around = innermost(around: probe.range) ?? number }
    return Test(
      probe: number, needsBoth: needsBoth, range: probe.range, line: probe.line,
      countedLine: places.first { $0.probe == around }.map { chunk.line(of: $0.range.lowerBound) }
        ?? probe.line, around: around, text: chunk.excerpt(probe.range))
  }

  private mutating func findFunctions(_ told: [(offset: Int, element: Probe)]) {
    var entries: [Int: Int] = [:]
    var starts: [Int: Int] = [:]
    for (number, probe) in told {
      if probe.kind == .entry { entries[probe.range.lowerBound] = number }
      if case .line = probe.kind { starts[probe.range.lowerBound] = number }
    }
    let names = FunctionNames(chunk)
    var known: [Int: Int] = [:]
    for (index, function) in chunk.functions.enumerated().dropFirst() {
      let first = function.body.firstLine.flatMap { starts[$0.range.lowerBound] }
      guard let probe = entries[function.range.lowerBound] ?? first else { continue }
      known[index] = functions.count
      functions.append(
        Function(
          name: names[LuaFunction.ID(index: index)], probe: probe, range: function.range, line: function.line,
          parent: function.parent.flatMap { known[$0.index] }))
    }
  }

  /// The probe of the smallest thing that holds all of some bytes; nil outside of functions.
  func innermost(around bytes: Range<Int>) -> Int? {
    places.first { $0.range.lowerBound <= bytes.lowerBound && bytes.upperBound <= $0.range.upperBound }?.probe
  }

  /// The first byte of what a probe that counts a line stands for.
  func start(of probe: Int) -> Int? { places.first { $0.probe == probe }?.range.lowerBound }

  /// The function that a line is in, the innermost, by its place in `functions`.
  func function(around offset: Int) -> Int? {
    functions.indices.filter { functions[$0].range.contains(offset) }
      .min { functions[$0].range.count < functions[$1].range.count }
  }
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

public import RuleEngine

/// A rule's text with probes in it, and what they are.
public struct InstrumentedRule: Sendable {
  /// How much the probes tell.
  public enum Depth: Sendable, Equatable {
    /// Lines, operands and conditions.
    case full
    /// Lines only: with more probes the rule would break a limit of Lua.
    case lines
    /// Nothing: not even a probe a line fits.
    case nothing
  }

  /// What the probes are for.
  public enum Purpose: Sendable, Equatable {
    /// Explaining one event: the values that are compared.
    case why
    /// Counting what runs: whole conditions, and the operands of every `and` and `or`.
    case coverage
  }

  /// What is to be loaded.
  public var source: InstrumentedSource
  /// The probes by number.
  public var probes: [Probe]
  /// The conditions by number.
  public var clauses: [ProbedClause]
  /// How much the probes tell.
  public var depth: Depth
  /// The rule's own text, read.
  public var chunk: LuaChunk

  /// Puts probes into a text; throws when it is no Lua.
  ///
  /// The text keeps its lines, and does what it did: each probe returns the one value that it is given, in a
  /// place where one value is used. A text that is so close to Lua's limits that probes break them gets fewer.
  public init(_ text: [UInt8], for purpose: Purpose = .why) throws(LuaSyntaxError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let chunk = try LuaParser.parse(text.starts(with: mark) ? Array(text.dropFirst(3)) : text)
    var plan = ProbePlan(chunk, purpose)
    plan.mark()
    self.chunk = chunk
    for depth in [Depth.full, .lines] {
      let source = plan.source(isFull: depth == .full)
      guard (try? LuaParser.parse(source.text, callDepth: 3)) != nil else { continue }
      self.source = source
      if purpose == .coverage { self.source.counted = plan.probes.count }
      probes = plan.probes
      clauses = depth == .full ? plan.clauses : []
      self.depth = depth
      return
    }
    source = InstrumentedSource(text: chunk.bytes, probe: plan.name)
    probes = []
    clauses = []
    depth = .nothing
  }
}

import CRuleVM
import OrderFlow

extension HeaderReader {
  /// The named keys of a sequence; its steps stand between them.
  static let sequenceKeys = ["by", "within", "max_keys"]

  /// The declared sequences in name order.
  func sequences(_ hooks: UInt32) throws(RuleProblem) -> [SequenceDefinition] {
    let has = hooks & UInt32(CRV_HOOK_SEQUENCE) != 0
    let tree = spec("sequences")
    if tree == .none {
      if has {
        throw problem("on_sequence is never called: the header declares no sequences", at: "on_sequence")
      }
      return []
    }
    guard case .table(let pairs) = tree, (1...16).contains(pairs.count) else {
      throw problem("sequences must be a table of one to 16 sequences", at: "sequences")
    }
    if !has { throw problem("sequences are declared but there is no on_sequence", at: "sequences") }
    var result: [SequenceDefinition] = []
    for pair in pairs {
      guard let name = pair.key.text, pair.value.kind == "sequence" else {
        let message =
          "a sequence is made by sequence { by = { … }, within = \"15m\", step \"name\" { … }, … }"
        throw problem(message, at: pair.key.text ?? "sequences")
      }
      guard HeaderReader.isName(name) else {
        throw problem(
          "the name of a sequence is made of letters, digits and _, at most 64", at: "sequences")
      }
      result.append(try sequence(name, pair.value))
    }
    return result
  }

  private func sequence(_ name: String, _ tree: HeaderTree) throws(RuleProblem) -> SequenceDefinition {
    let line = tree.line
    guard case .table(let pairs) = tree["spec"] else {
      throw complaint("sequence '\(name)' must be a table", line)
    }
    let listed = pairs.filter { $0.key.integer != nil }
    let named = HeaderTree.table(pairs.filter { $0.key.integer == nil })
    try checkNames(named, HeaderReader.sequenceKeys, what: "sequence '\(name)'", line: line)
    guard let elements = HeaderTree.table(listed).list else {
      throw complaint("the steps of sequence '\(name)' must be a list without a gap", line)
    }
    var definition = SequenceDefinition(
      name: name, line: line, keys: try fields(named["by"], "by", line: line),
      within: try duration(named["within"], "within", line: line), elements: [])
    definition.maximumKeys = try cap(named["max_keys"], "max_keys", definition.maximumKeys, line: line)
    for element in elements { definition.elements.append(try self.element(element, of: definition)) }
    guard elements.count >= 2 else {
      throw complaint(
        "sequence '\(name)' needs a step and at least one more step or never: a single order is what on_order is for",
        line)
    }
    guard elements.count <= 16, definition.steps.count <= 8 else {
      throw complaint("sequence '\(name)' has more than 8 steps, or more than 16 steps and nevers", line)
    }
    return definition
  }

  private func element(
    _ tree: HeaderTree, of sequence: SequenceDefinition
  ) throws(RuleProblem) -> SequenceDefinition.Element {
    guard let kind = tree.kind, kind == "step" || kind == "never" else {
      throw complaint(
        "sequence '\(sequence.name)' consists of step \"name\" { … } and never \"name\" { … }", sequence.line)
    }
    let line = tree.line
    let name = tree["title"].text ?? ""
    guard HeaderReader.isName(name) else {
      throw complaint("the name of a \(kind) is made of letters, digits and _, at most 64", line)
    }
    if sequence.elements.contains(where: { $0.name == name }) {
      throw complaint(
        "sequence '\(sequence.name)' has '\(name)' twice: give each step and never its own name", line)
    }
    if kind == "never", sequence.elements.isEmpty {
      let message =
        "a sequence begins with a step: what must never come counts from the step before it, and before "
        + "'\(name)' there is none"
      throw complaint(message, line)
    }
    let conditions = try conditions(
      tree["where"], windows: [], what: "\(kind) '\(name)'", line: line)
    return SequenceDefinition.Element(name: name, isNever: kind == "never", conditions: conditions)
  }

  /// A problem at a line that is known.
  private func complaint(_ message: String, _ line: Int) -> RuleProblem {
    RuleProblem(rule: rule, file: file, line: line, message: message)
  }

  private static func isName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
          || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }
}

import COrderFlow
import CRuleVM
import OrderFlow

/// Turns the tree of a rule's header into a checked `RuleHeader`.
///
/// Every complaint names the file, the line and, for an unknown name, the nearest known one.
struct HeaderReader {
  let rule: String
  let file: String
  let source: String
  private let spec: HeaderTree
  private let ruleLine: Int
  private var parameters: [String: HeaderTree] = [:]

  init(rule: String, file: String, source: String, tree: HeaderTree) {
    self.rule = rule
    self.file = file
    self.source = source
    spec = tree["spec"]
    ruleLine = Int(tree["line"].integer ?? 0)
    for (name, value) in spec["params"].members { parameters[name] = value["value"] }
  }

  /// The keys of a header.
  static let keys = [
    "title", "severity", "tags", "runbook", "params", "windows", "sequences", "dedup", "timers", "where",
    "listens",
  ]
  /// The keys of `dedup`.
  static let dedupKeys = ["by", "hold"]
  /// The keys of a window; sessions have `gap` as well.
  static let windowKeys = ["by", "span", "where", "agg", "max_keys", "max_items"]

  /// Reads the whole header.
  func read(hooks: UInt32) throws(RuleProblem) -> RuleHeader {
    try checkNames(spec, HeaderReader.keys, what: "rule", line: ruleLine)
    var header = RuleHeader(title: try text("title") ?? rule)
    if let name = try text("severity") {
      guard let severity = Severity(name: name) else {
        throw problem("severity \"\(name)\" is none of info, low, medium, high, critical", at: "severity")
      }
      header.severity = severity
    }
    header.runbook = try text("runbook")
    header.tags = try texts("tags")
    try checkParameters()
    header.parameters = spec["params"].members.map {
      ($0.name, $0.value["type"].text ?? "", $0.value["value"])
    }
    header.windows = try windows()
    header.sequences = try sequences(hooks)
    header.timers = try timers(hooks)
    header.dedup = try dedup()
    header.listens = try listens(hooks)
    header.conditions = try conditions(spec["where"], windows: header.windows, what: "where")
    if hooks & UInt32(CRV_HOOK_CLOSE) != 0, !header.windows.contains(where: { $0.closes }) {
      throw problem("on_close needs a tumbling or session window", at: "on_close")
    }
    return header
  }

  /// A member of the header.
  func spec(_ name: String) -> HeaderTree { spec[name] }

  // MARK: Complaints

  /// A problem at the line where `name =` stands in the header, or else at `line`.
  func problem(_ message: String, at name: String, line: Int? = nil) -> RuleProblem {
    RuleProblem(rule: rule, file: file, line: lineOf(name, from: line ?? ruleLine), message: message)
  }

  /// The first line from `start` on that assigns to `name`; the header has no positions of its own.
  private func lineOf(_ name: String, from start: Int) -> Int {
    for (place, text) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if place + 1 < start { continue }
      for range in text.ranges(of: name) {
        let before = text[..<range.lowerBound].last
        if let before, before.isLetter || before.isNumber || before == "_" { continue }
        let after = text[range.upperBound...].drop { $0 == " " || $0 == "\"" || $0 == "]" || $0 == "'" }
        if after.first == "=", after.dropFirst().first != "=" { return place + 1 }
      }
    }
    return start
  }

  func checkNames(_ table: HeaderTree, _ known: [String], what: String, line: Int) throws(RuleProblem) {
    if case .table(let pairs) = table, pairs.contains(where: { $0.key.text == nil }) {
      throw problem("\(what) has names as keys: name = value", at: what, line: line)
    }
    for (name, _) in table.members where !name.hasPrefix("__") && !known.contains(name) {
      throw problem(
        "unknown key '\(name)' in \(what)\(HeaderReader.suggestion(name, known))", at: name, line: line)
    }
  }

  /// ` (did you mean 'x'?)` for a near name, else the list of what there is.
  static func suggestion(_ name: String, _ known: [String]) -> String {
    let list = known.joined(separator: "\0") + "\0"
    let near = list.withCString { list in
      name.withCString { crv_suggest($0, list).map { String(cString: $0) } }
    }
    if let near { return " (did you mean '\(near)'?)" }
    return (1...24).contains(known.count) ? "; there are \(known.joined(separator: ", "))" : ""
  }

  // MARK: Plain members

  private func text(_ name: String) throws(RuleProblem) -> String? {
    switch spec[name] {
    case .none: return nil
    case .text(let value): return value
    default: throw problem("\(name) must be text", at: name)
    }
  }

  func texts(_ name: String) throws(RuleProblem) -> [String] {
    if spec[name] == .none { return [] }
    guard let list = spec[name].list?.map(\.text), !list.contains(nil) else {
      throw problem("\(name) must be a list of texts", at: name)
    }
    return list.compactMap { $0 }
  }

  func duration(_ tree: HeaderTree, _ name: String, line: Int?) throws(RuleProblem) -> Int64 {
    if case .text(let text) = tree {
      var result: Int64 = 0
      let count = text.utf8.count
      if text.withCString({ crv_parse_duration($0, count, &result) }) == 1, result > 0 {
        return try checked(result, name, line: line)
      }
    }
    if case .integer(let value) = tree, value > 0 { return try checked(value, name, line: line) }
    throw problem("\(name) must be a duration such as \"30s\", \"10m\" or \"1h30m\"", at: name, line: line)
  }

  /// Ten years: longer than any use, and far from overflowing when added to a time.
  static let longestDuration: Int64 = 3650 * 86_400_000

  private func checked(_ duration: Int64, _ name: String, line: Int?) throws(RuleProblem) -> Int64 {
    if duration <= HeaderReader.longestDuration { return duration }
    throw problem("\(name) is longer than ten years (3650d)", at: name, line: line)
  }

  private func checkParameters() throws(RuleProblem) {
    if spec["params"] == .none { return }
    guard case .table(let pairs) = spec["params"] else {
      throw problem("params must be a table", at: "params")
    }
    for pair in pairs {
      guard let name = pair.key.text else { throw problem("params has names as keys", at: "params") }
      guard pair.value.kind == "param" else {
        throw problem("parameter '\(name)' must be made by param.usd, param.int, param.duration, …", at: name)
      }
    }
  }

  private func timers(_ hooks: UInt32) throws(RuleProblem) -> [(name: String, interval: Int64)] {
    let has = hooks & UInt32(CRV_HOOK_TIMER) != 0
    if spec["timers"] == .none {
      if has { throw problem("on_timer is never called: the header declares no timers", at: "on_timer") }
      return []
    }
    guard case .table(let pairs) = spec["timers"], pairs.count <= 16,
      pairs.count == spec["timers"].members.count
    else { throw problem("timers must be a table of at most 16, name = \"1m\"", at: "timers") }
    if !has { throw problem("timers are declared but there is no on_timer", at: "timers") }
    var result: [(name: String, interval: Int64)] = []
    for (name, value) in spec["timers"].members {
      result.append((name, try duration(value, name, line: nil)))
    }
    return result
  }

  private func dedup() throws(RuleProblem) -> RuleHeader.Dedup? {
    let tree = spec["dedup"]
    if tree == .none { return nil }
    guard case .table = tree else {
      throw problem("dedup must be a table { by = { … }, hold = \"30m\" }", at: "dedup")
    }
    try checkNames(tree, HeaderReader.dedupKeys, what: "dedup", line: ruleLine)
    let hold = try duration(tree["hold"], "hold", line: ruleLine)
    let keys = tree["by"] == .none ? [] : try fields(tree["by"], "by", line: ruleLine)
    return RuleHeader.Dedup(keys: keys.map(\.field), hold: hold)
  }

  func fields(_ tree: HeaderTree, _ name: String, line: Int) throws(RuleProblem) -> [(
    name: String, field: OrderField
  )] {
    guard let list = tree.list, !list.isEmpty, list.count <= 8 else {
      throw problem("\(name) must be a list of one to eight order fields", at: name, line: line)
    }
    var result: [(name: String, field: OrderField)] = []
    for entry in list {
      guard let text = entry.text else {
        throw problem("\(name) must be a list of names", at: name, line: line)
      }
      result.append((text, try field(text, name, line: line)))
    }
    return result
  }

  func field(_ name: String, _ place: String, line: Int) throws(RuleProblem) -> OrderField {
    if let field = OrderField(name: name) { return field }
    let known = OrderField.named.map(\.name)
    throw problem(
      "an order has no field '\(name)'\(HeaderReader.suggestion(name, known))", at: place, line: line)
  }

  /// A number in a condition: a literal, or the value of the parameter that a text names.
  func bound(_ tree: HeaderTree, _ name: String, line: Int) throws(RuleProblem) -> (
    Double, Int64, isWhole: Bool
  ) {
    var value = tree
    if case .text(let parameter) = tree {
      guard let known = parameters[parameter] else {
        let names = parameters.keys.sorted()
        let message = "there is no parameter '\(parameter)'\(HeaderReader.suggestion(parameter, names))"
        throw problem(message, at: name, line: line)
      }
      value = known
    }
    switch value {
    case .integer(let number): return (Double(number), number, true)
    case .number(let number) where number.isFinite: return (number, 0, false)
    default:
      throw problem(
        "the bound of '\(name)' must be a finite number, or the name of a numeric parameter", at: name,
        line: line)
    }
  }
}

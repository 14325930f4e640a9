import OrderFlow

/// How the signals of two rule sets over the same orders differ.
public struct DiffReport: Sendable {
  /// One of the two rule sets.
  public struct RuleSetName: Sendable {
    /// Its version.
    public var version: String
    /// Where it is from: a folder, a journal.
    public var place: String

    /// A version and where it is from.
    public init(version: String, place: String) {
      self.version = version
      self.place = place
    }
  }

  /// What both ran over.
  public struct Flow: Sendable {
    /// Where it is from.
    public var place: String
    /// How many orders reached the rules while differences counted.
    public var orders: Int64 = 0
    /// Event time of the first and of the last of them, ms since 1970 UTC.
    public var times: ClosedRange<Int64>?

    /// Nothing yet.
    public init(place: String) { self.place = place }

    /// Counts an order.
    public mutating func add(_ time: Int64) {
      orders += 1
      times = min(time, times?.lowerBound ?? time)...max(time, times?.upperBound ?? time)
    }
  }

  /// Signals that the same place decided about.
  public struct Group: Sendable {
    /// In what way they differ.
    public var kind: SignalDifference.Kind
    /// What decided, nil when nobody looked or nothing can be said.
    public var decision: Decision?
    /// What changed in changed signals: how the severity did, or else names of fields.
    public var fields: [String] = []
    /// The signals, in the order in which they came.
    public var differences: [SignalDifference] = []
  }

  /// The differences of one rule.
  public struct Rule: Sendable {
    /// Its id.
    public var rule: String
    /// How many signals are the same.
    public var same: Int
    /// The groups: by kind, the larger first.
    public var groups: [Group]

    /// How many signals differ in a way.
    public func count(_ kind: SignalDifference.Kind) -> Int {
      groups.filter { $0.kind == kind }.reduce(0) { $0 + $1.differences.count }
    }
  }

  /// The rule set that is compared with.
  public var before: RuleSetName
  /// The rule set that is looked at.
  public var after: RuleSetName
  /// What both ran over.
  public var flow: Flow
  /// Rules that are the same in both sets, which were not run.
  public var unchanged: [String] = []
  /// The rules that were run, sorted.
  public var rules: [Rule] = []
  /// What is doubtful, and other things that must be said.
  public var notes: [String] = []
  /// How long after signals prices were looked at, ms; nil when nobody asked.
  public var horizon: Int64?

  /// A report without differences.
  public init(before: RuleSetName, after: RuleSetName, flow: Flow) {
    self.before = before
    self.after = after
    self.flow = flow
  }

  /// Whether some signal differs.
  public var differs: Bool { rules.contains { !$0.groups.isEmpty } }

  /// Adds the results of some rules: their differences in groups, and how many signals are the same.
  public mutating func add(_ differences: [SignalDifference], same: [String: Int], rules ids: [String]) {
    let byRule = Dictionary(grouping: differences) { $0.shown?.rule ?? "" }
    for id in Set(ids).union(byRule.keys).sorted() {
      rules.append(Rule(rule: id, same: same[id] ?? 0, groups: DiffReport.groups(byRule[id] ?? [])))
    }
  }

  private static func groups(_ differences: [SignalDifference]) -> [Group] {
    struct Name: Hashable {
      var kind: SignalDifference.Kind
      var decision: Decision?
      var fields: [String]
    }
    var places: [Name: Int] = [:]
    var groups: [Group] = []
    for difference in differences {
      let fields = difference.kind == .changed ? DiffReport.headings(of: difference.changes) : []
      let name = Name(kind: difference.kind, decision: difference.reading?.decision, fields: fields)
      if places[name] == nil {
        places[name] = groups.count
        groups.append(Group(kind: name.kind, decision: name.decision, fields: fields))
      }
      if let place = places[name] { groups[place].differences.append(difference) }
    }
    let order = SignalDifference.Kind.allCases
    return groups.enumerated().sorted { left, right in
      let kinds = [left, right].map { order.firstIndex(of: $0.element.kind) ?? 0 }
      if kinds[0] != kinds[1] { return kinds[0] < kinds[1] }
      let counts = [left, right].map(\.element.differences.count)
      return counts[0] != counts[1] ? counts[0] > counts[1] : left.offset < right.offset
    }.map(\.element)
  }

  /// What changed in a signal, in few words: how the severity did, or else which fields.
  private static func headings(of changes: [FieldChange]) -> [String] {
    if let severity = changes.first(where: { $0.name == "severity" }) {
      return ["severity \(severity.before) → \(severity.after)"]
    }
    var names: [String] = []
    for change in changes {
      let name = change.name.hasPrefix("data.") ? "data" : change.name
      if !names.contains(name) { names.append(name) }
    }
    return names
  }
}

public import Documents

/// How the signals of a run differ from those of a golden.
public struct GoldenComparison: Sendable {
  /// One signal that is not the same.
  public struct Change: Equatable, Sendable {
    /// On which order, or when.
    public var key: String
    /// What the golden has, nil when it has nothing.
    public var before: JSONValue?
    /// What the run gave, nil when it gave nothing.
    public var after: JSONValue?

    /// The number of the order, nil when it came on none.
    public var order: Int? { Int(key.prefix { $0 != "#" }) }
  }

  /// In the order of the flow.
  public private(set) var changes: [Change] = []
  private let run: Golden

  /// Compares; without a golden everything is new.
  public init(_ golden: Golden?, _ run: Golden) {
    self.run = run
    let before = Dictionary((golden?.signals ?? []).map { ($0.key, $0.fields) }) { first, _ in first }
    let after = Dictionary(run.signals.map { ($0.key, $0.fields) }) { first, _ in first }
    var keys = run.signals.map(\.key)
    keys += (golden?.signals ?? []).map(\.key).filter { after[$0] == nil }
    let all = keys.map { Change(key: $0, before: before[$0], after: after[$0]) }
    changes = all.filter { $0.before != $0.after }.enumerated().sorted { left, right in
      (left.element.order ?? .max, left.offset) < (right.element.order ?? .max, right.offset)
    }.map(\.element)
  }

  /// The golden with those changes in it that `isAccepted` takes.
  public func accepting(_ golden: Golden?, _ isAccepted: (Change) -> Bool) -> Golden {
    var refused: [String: Change] = [:]
    for change in changes where !isAccepted(change) { refused[change.key] = change }
    var signals: [Golden.Entry] = []
    for entry in run.signals {
      guard let change = refused.removeValue(forKey: entry.key) else {
        signals.append(entry)
        continue
      }
      if let before = change.before { signals.append(Golden.Entry(key: entry.key, fields: before)) }
    }
    // What the run does not give any more, and was to stay, goes back to its place.
    for change in changes where refused[change.key] != nil {
      guard let before = change.before else { continue }
      let place = signals.firstIndex { (GoldenComparison.number($0.key) ?? .max) > (change.order ?? .max) }
      signals.insert(Golden.Entry(key: change.key, fields: before), at: place ?? signals.count)
    }
    var result = run
    result.signals = signals
    return result
  }

  private static func number(_ key: String) -> Int? { Int(key.prefix { $0 != "#" }) }

  /// What is different, as differences of a test.
  public func differences(in test: RuleTest, path: String, isMissing: Bool) -> [TestVerdict.Difference] {
    if isMissing {
      let count = run.signals.count
      return [
        .init(
          event: nil,
          message:
            "there is no \(path) yet; the run gave \(count) signal\(count == 1 ? "" : "s"): look at them "
            + "with --review, or write them with --accept", kind: .other)
      ]
    }
    let orders = test.orders
    return changes.map { change in
      let event = change.order.flatMap { orders.indices.contains($0 - 1) ? orders[$0 - 1] : nil }
      let place = event == nil ? "at \(change.key): " : ""
      return .init(event: event, message: place + GoldenComparison.text(change), kind: .other)
    }
  }

  /// A change in a line: what is due, and what was got.
  private static func text(_ change: Change) -> String {
    guard let before = change.before else { return "the golden has nothing, got \(brief(change.after))" }
    guard let after = change.after else { return "the golden has \(brief(before)), got nothing" }
    return differences(before, after, path: "").prefix(4).joined(separator: "; ")
  }

  private static func brief(_ value: JSONValue?) -> String {
    "\(value?["severity"]?.text ?? "") \"\(value?["title"]?.text ?? "")\""
  }

  private static func differences(_ before: JSONValue?, _ after: JSONValue?, path: String) -> [String] {
    if before == after { return [] }
    if case .object(let left)? = before, case .object(let right)? = after {
      return Set(left.keys).union(right.keys).sorted().flatMap { key in
        differences(left[key], right[key], path: path.isEmpty ? key : "\(path).\(key)")
      }
    }
    func text(_ value: JSONValue?) -> String {
      guard let value else { return "nothing" }
      if let text = value.text { return text }
      return Golden.lines(value).joined(separator: " ")
    }
    return ["\(path): the golden has \(text(before)), got \(text(after))"]
  }
}

extension GoldenComparison.Change {
  /// The change in lines, as a diff: what the golden has, and what the run gave.
  public var lines: [String] {
    let (old, new) = (before.map(Golden.lines) ?? [], after.map(Golden.lines) ?? [])
    let kept = Set(old).intersection(new)
    return old.filter { !kept.contains($0) }.map { "- \($0)" }
      + new.filter { !kept.contains($0) }.map { "+ \($0)" }
  }
}

/// What a rule's header says, for those who explain the rule.
public struct RuleDeclarations: Sendable {
  /// The rule's title.
  public var title: String
  /// What its parameters count, by name.
  public var parameters: [String: ValueUnit] = [:]
  /// What the aggregates of its windows count, by name; those of two windows that disagree are left out.
  public var aggregates: [String: ValueUnit] = [:]
  /// The hold of its `dedup`, ms; nil without one.
  public var hold: Int64?
  /// The rules whose signals it hears.
  public var listens: [String]

  init(_ header: RuleHeader) {
    title = header.title
    hold = header.dedup?.hold
    listens = header.listens
    for parameter in header.parameters {
      parameters[parameter.name] = ValueUnit(rawValue: parameter.type) ?? .plain
    }
    var doubtful: Set<String> = []
    for window in header.windows {
      for (number, aggregate) in window.aggregates.enumerated() {
        let unit = window.unit(of: number)
        if let known = aggregates[aggregate.name], known != unit { doubtful.insert(aggregate.name) }
        aggregates[aggregate.name] = unit
      }
    }
    for name in doubtful { aggregates[name] = nil }
  }
}

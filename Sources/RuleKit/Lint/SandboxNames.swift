/// The names of the rule API as the checks ask for them.
enum SandboxNames {
  private static let api = APIDescription.current

  /// Names of a header: they exist while the file loads only.
  static let loading = globals { $0.time == .load }

  /// Names that hooks can use too.
  static let always = globals { $0.time != .load }

  /// What is in the tables of the API.
  static let members: [String: Set<String>] = {
    var result: [String: Set<String>] = [:]
    for function in api.functions {
      if let table = function.table { result[table, default: []].insert(function.baseName) }
    }
    return result
  }()

  /// The fields of an order, in the order of the description.
  static let orderFields = api.order.map(\.name)

  /// What a rule may define.
  static let hooks = Set(api.hooks.map(\.name))

  /// The fields of a signal that a rule hears.
  static let signalFields = api[.heard].map(\.name)

  /// The fields of a lost stretch.
  static let gapFields = api[.gap].map(\.name)

  /// What a match of a sequence answers, and the fields of the order of a step.
  static let matchFields = api[.match].map(\.name)
  static let stepFields = api[.step].map(\.name)

  /// Order fields in micro-dollars, and those in micro-shares.
  static let dollarFields = Set(api.order.filter { $0.unit?.hasPrefix("micro-dollars") == true }.map(\.name))
  static let shareFields = Set(api.order.filter { $0.unit?.hasPrefix("micro-shares") == true }.map(\.name))

  /// Aggregates whose value is one, or a sum, of the values that they are of.
  static let exactAggregates: Set<String> = ["sum", "min", "max", "first", "last", "quantile"]

  private static func globals(_ isWanted: (APIFunction) -> Bool) -> Set<String> {
    Set(api.functions.filter(isWanted).map { $0.table ?? $0.name })
  }
}

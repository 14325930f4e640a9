/// The names of the rule API, version 1. Tests hold them against api.json.
enum SandboxNames {
  /// Names of a header: they exist while the file loads only.
  static let loading: Set<String> = [
    "at_least", "at_most", "count", "distinct", "ewma", "first", "last", "max", "mean", "min", "never",
    "one_of",
    "param",
    "quantile", "rule", "sequence", "stddev", "step", "sum", "top", "window",
  ]

  /// Names that hooks can use too.
  static let always: Set<String> = [
    "assert", "cents", "copy", "duration", "error", "fmt", "getmetatable", "group", "groups", "ipairs",
    "math",
    "next", "now", "pairs", "pcall", "print", "require", "select", "setmetatable", "shares", "short",
    "signal",
    "state", "string", "table", "tonumber", "tostring", "type", "usd", "utf8", "xpcall",
  ]

  /// What is in the tables of the API.
  static let members: [String: Set<String>] = [
    "fmt": ["cents", "shares", "usd"],
    "math": [
      "abs", "acos", "asin", "atan", "ceil", "cos", "deg", "exp", "floor", "fmod", "huge", "log", "max",
      "maxinteger", "min", "mininteger", "modf", "pi", "rad", "random", "sin", "sqrt", "tan", "tointeger",
      "type",
      "ult",
    ],
    "param": ["bool", "duration", "int", "number", "shares", "string", "usd"],
    "string": [
      "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "pack", "packsize", "rep",
      "reverse", "sub", "unpack", "upper",
    ],
    "table": ["concat", "insert", "move", "pack", "remove", "sort", "unpack"],
    "utf8": ["char", "charpattern", "codepoint", "codes", "len", "offset"],
    "window": ["session", "sliding", "tumbling"],
  ]

  /// The fields of an order, in the order of the description.
  static let orderFields = [
    "seq", "t", "venue", "user", "label", "taker", "role", "side", "token_id", "token_label", "market_slug",
    "condition_id", "title", "price", "shares", "usd", "usd_floor", "tx_hash", "order_hash", "late",
  ]

  /// What a rule may define.
  static let hooks: Set<String> = [
    "on_order", "on_timer", "on_close", "on_sequence", "on_signal", "on_gap", "migrate",
  ]

  /// The fields of a signal that a rule hears.
  static let signalFields = [
    "id", "rule", "severity", "title", "key", "market", "token", "side", "user", "action", "data", "seq", "t",
    "confidence", "late", "warming", "data_gap", "evidence",
  ]

  /// The fields of a lost stretch.
  static let gapFields = ["from", "to", "backfilled", "source"]

  /// What a match of a sequence answers, and the fields of the order of a step.
  static let matchFields = ["key", "steps", "first", "last", "truncated", "orders"]
  static let stepFields = [
    "seq", "t", "side", "price", "shares", "usd", "usd_floor", "user", "token_id", "market_slug",
  ]

  /// Order fields in micro-dollars, and those in micro-shares.
  static let dollarFields: Set<String> = ["price", "usd", "usd_floor"]
  static let shareFields: Set<String> = ["shares"]

  /// Aggregates whose value is one, or a sum, of the values that they are of.
  static let exactAggregates: Set<String> = ["sum", "min", "max", "first", "last", "quantile"]
}

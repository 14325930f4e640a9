import Wire

/// What a rule sees: api.json, read. Tests hold it against the engine in both directions.
public struct APIDescription: Sendable {
  /// The description that this program was built with.
  public static let current = APIDescription(PackageResources.api_json) ?? APIDescription()

  /// The version of the API.
  public private(set) var version = 0
  /// The fields of an order.
  public private(set) var order: [APIField] = []
  /// What is in a rule's sandbox.
  public private(set) var functions: [APIFunction] = []
  /// What a rule may define.
  public private(set) var hooks: [APIFunction] = []
  /// The kinds of windows.
  public private(set) var windows: [APIWindow] = []
  /// The functions that make aggregates.
  public private(set) var aggregates: [String] = []
  /// The functions that make conditions.
  public private(set) var conditions: [String] = []
  /// The severities, the least first.
  public private(set) var severities: [String] = []
  /// Names for types that others are made of.
  public private(set) var types: [APIField] = []
  /// What the engine does not go past.
  public private(set) var limits: [(name: String, value: Int)] = []
  private var lists: [List: [APIField]] = [:]

  /// The tables that rules write or are given.
  public enum List: String, CaseIterable, Sendable {
    case header, dedup, parameter, window, sequence, signal
    case group, match, step, heard, gap
  }

  /// The fields of a table.
  public subscript(_ list: List) -> [APIField] { lists[list] ?? [] }

  private init() {}

  /// Reads a description; nil when the bytes are none.
  init?(_ bytes: [UInt8]) {
    guard let json = JSONTree(bytes), let version = json["version"]?.integer else { return nil }
    self.version = version
    guard let order = APIDescription.fields(json["order"]), let types = APIDescription.fields(json["types"]),
      let functions = APIDescription.functions(json["functions"], isHook: false),
      let hooks = APIDescription.functions(json["hooks"], isHook: true),
      let windows = APIDescription.windows(json["windows"])
    else { return nil }
    (self.order, self.types, self.functions, self.hooks, self.windows) = (
      order, types, functions, hooks, windows
    )
    for list in List.allCases {
      guard let fields = APIDescription.fields(json[list.rawValue]) else { return nil }
      lists[list] = fields
    }
    aggregates = APIDescription.texts(json["aggregates"])
    conditions = APIDescription.texts(json["conditions"])
    severities = APIDescription.texts(json["severities"])
    limits = (json["limits"]?.members ?? []).compactMap { member in
      member.value.integer.map { (member.name, $0) }
    }
  }
}

import Documents

/// The environment as a layer of the configuration: `BETTERBOT_FEEDS_RELAY_URL` is `feeds.relay.url`.
struct ConfigurationEnvironment {
  private let variables: [(name: String, text: String)]
  private let ruleNames: [String]
  private let onlyKnownFeeds: Bool

  private static let prefix = "BETTERBOT_"

  /// Takes the variables that begin with `BETTERBOT_`; an empty one counts as unset.
  ///
  /// `ruleNames` tells where the rule's name ends in `BETTERBOT_PARAMS_WHALE_ORDER_MIN_USD`. With
  /// `onlyKnownFeeds` a variable about a feed that is not there makes no feed.
  init(_ environment: [String: String], ruleNames: [String], onlyKnownFeeds: Bool = false) {
    let prefix = ConfigurationEnvironment.prefix
    variables = environment.filter { $0.key.hasPrefix(prefix) && !$0.value.isEmpty }
      .map { (String($0.key.dropFirst(prefix.count)), $0.value) }.sorted { $0.0 < $1.0 }
    self.ruleNames = ruleNames.sorted { ($1.count, $0) < ($0.count, $1) }
    self.onlyKnownFeeds = onlyKnownFeeds
  }

  /// Puts the variables over what the tree holds.
  func apply(to tree: inout PlacedValue) throws(PlacedProblem) {
    let sections = [
      "retention": ConfigurationKeys.retention, "reload": ConfigurationKeys.reload,
      "log": ConfigurationKeys.log, "api": ConfigurationKeys.api.filter { $0 != "jwt" },
    ]
    let places =
      ConfigurationKeys.top.filter { $0 != "feeds" && $0 != "params" }.flatMap { key in
        sections[key].map { $0.map { [key, $0] } } ?? [[key]]
      } + ConfigurationKeys.jwt.map { ["api", "jwt", $0] }
    let names = places.map { $0.joined(separator: "_").uppercased() }
    for (name, text) in variables {
      let origin = ConfigurationEnvironment.prefix + name
      if let place = names.firstIndex(of: name) {
        tree.set(places[place], PlacedValue(text, origin: origin))
      } else if name.hasPrefix("FEEDS_") {
        try setFeed(String(name.dropFirst(6)), PlacedValue(text, origin: origin), &tree)
      } else if name.hasPrefix("PARAMS_") {
        try setParameter(String(name.dropFirst(7)), PlacedValue(text, origin: origin), &tree)
      } else if name != "CONFIG", let near = NearestName.nearest(name, of: names) {
        // Others are let be: Kubernetes, for one, sets BETTERBOT_SERVICE_HOST beside a service of this name.
        throw PlacedProblem(
          origin,
          "is no setting (did you mean '\(ConfigurationEnvironment.prefix)\(near)'?)")
      }
    }
  }

  /// `RELAY_REQUESTS_PER_SECOND`: the longest key that ends it, behind the feed's name.
  private func setFeed(
    _ name: String, _ value: PlacedValue, _ tree: inout PlacedValue
  ) throws(PlacedProblem) {
    let places = ConfigurationKeys.feed.map { [$0] } + ConfigurationKeys.subscribe.map { ["subscribe", $0] }
    let match = places.filter { name.hasSuffix("_" + ConfigurationEnvironment.upper($0)) }
      .max { ConfigurationEnvironment.upper($0).count < ConfigurationEnvironment.upper($1).count }
    guard let match else {
      let last = name.split(separator: "_").last.map { $0.lowercased() } ?? ""
      let known = NearestName.hintOrList(last, of: ConfigurationKeys.feed)
      throw PlacedProblem(value.origin, "does not end in a key of a feed\(known)")
    }
    let feed = String(name.dropLast(ConfigurationEnvironment.upper(match).count + 1))
    let existing = tree["feeds"]?.entries.map(\.key) ?? []
    // A name in the file may have a hyphen, which a variable cannot have.
    let known = existing.first { ConfigurationEnvironment.upper([$0]) == feed }
    if known == nil && onlyKnownFeeds { return }
    // One choice replaces the other: `subscribe` in the file must not mix with the variable's.
    if match.count > 1 {
      let inner = PlacedValue.Entry(key: match[1], value: value)
      let choice = PlacedValue(.map([inner]), origin: value.origin)
      tree.set(["feeds", known ?? feed.lowercased(), match[0]], choice)
    } else {
      tree.set(["feeds", known ?? feed.lowercased()] + match, value)
    }
  }

  private func setParameter(
    _ name: String, _ value: PlacedValue, _ tree: inout PlacedValue
  ) throws(PlacedProblem) {
    let rule = ruleNames.first { name.hasPrefix(ConfigurationEnvironment.upper([$0]) + "_") }
    guard let rule else {
      throw PlacedProblem(
        value.origin, "does not begin with the name of a rule; write BETTERBOT_PARAMS_RULE_NAME")
    }
    let parameter = name.dropFirst(rule.utf8.count + 1).lowercased()
    if parameter.isEmpty { throw PlacedProblem(value.origin, "names no parameter of \(rule)") }
    tree.set(["params", rule, parameter], value)
  }

  private static func upper(_ path: [String]) -> String {
    String(path.joined(separator: "_").uppercased().map { $0 == "-" ? "_" : $0 })
  }
}

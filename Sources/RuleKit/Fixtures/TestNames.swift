/// The names that a test file gives to wallets and markets.
public struct TestNames: Equatable, Sendable {
  /// A market and its outcomes.
  public struct Market: Equatable, Sendable {
    /// The market's slug; the name in the test file unless it says otherwise.
    public var slug: String
    /// What it is about, nil when the file does not say.
    public var title: String?
    /// Its condition id, nil when the file does not say.
    public var condition: String?
    /// The token of each outcome, in the order of the file.
    public var outcomes: [(label: String, token: String)]

    /// A market with these outcomes.
    public init(
      slug: String, title: String? = nil, condition: String? = nil, outcomes: [(label: String, token: String)]
    ) {
      self.slug = slug
      self.title = title
      self.condition = condition
      self.outcomes = outcomes
    }

    /// Compares everything.
    public static func == (left: Market, right: Market) -> Bool {
      left.slug == right.slug && left.title == right.title && left.condition == right.condition
        && left.outcomes.elementsEqual(right.outcomes) { $0 == $1 }
    }
  }

  /// Addresses by name.
  public var wallets: [String: String]
  /// Markets by name.
  public var markets: [String: Market]

  /// No names, or these.
  public init(wallets: [String: String] = [:], markets: [String: Market] = [:]) {
    self.wallets = wallets
    self.markets = markets
  }

  /// The name of a wallet, its address when it has none.
  public func name(ofWallet address: String) -> String {
    wallets.filter { $0.value == address }.keys.min() ?? address
  }

  /// `btc.Yes` for a token, nil when it has no name. A blank in a label is written `_`.
  public func name(ofToken token: String) -> String? {
    for (name, market) in markets.sorted(by: { $0.key < $1.key }) {
      if let outcome = market.outcomes.first(where: { $0.token == token }) {
        return name + "." + TestNames.word(outcome.label)
      }
    }
    return nil
  }

  /// A label as one word.
  static func word(_ label: String) -> String { label.replacing(" ", with: "_") }
}

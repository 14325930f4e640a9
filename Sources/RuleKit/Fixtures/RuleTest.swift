/// A test of a rule: a flow, what happens to it, and what is due.
public struct RuleTest: Sendable {
  /// Its name, which no other test of the rule has.
  public var name: String
  /// `rules/sweep.test.yaml:7`
  public var origin: String
  /// The flow, in the order in which it arrives.
  public var events: [TestEvent]
  /// Event time that `+0s` means, ms.
  public var start: Int64
  /// The recording that the flow was read from, as the file names it; nil of a flow that is written in the file.
  public var recording: String?
  /// Whether marks say what is due: then everything else must be quiet.
  public var isTable: Bool
  /// What else is due of signals.
  public var expectations: [TestExpectation] = []
  /// Whether the test says what is due without marks.
  public var hasExpectations = false
  /// What happens besides.
  public var injections: [TestInjection] = []
  /// Parameters of the rule, by name.
  public var parameters: [String: String] = [:]
  /// The watch list by wallet; nil: that of the rules folder.
  public var labels: [String: String]?
  /// The name of the file that holds all the signals; nil when there is none.
  public var golden: String?
  /// The names that the file gives to wallets and markets.
  public var names = TestNames()

  /// Places of the orders in `events`; the order of number N is the one at place N - 1.
  public var orders: [Int] { events.indices.filter { events[$0].order != nil } }

  /// The numbers of the orders, from 1, by their places in `events`.
  var numbers: [Int: Int] {
    Dictionary(uniqueKeysWithValues: orders.enumerated().map { ($0.element, $0.offset + 1) })
  }
}

/// What a test says of one signal beyond its mark.
public struct TestExpectation: Sendable {
  /// Where the signal is due.
  public enum Place: Equatable, Sendable {
    /// On the order of this number, from 1.
    case order(Int)
    /// On the event of this time, ms.
    case time(Int64)
  }

  /// A field and what it must be.
  public struct Field: Sendable {
    /// Its name: one of `names`.
    public var name: String
    /// What it must be.
    public var value: TestValue
  }

  /// Where it is due.
  public var place: Place
  /// What its fields must be.
  public var fields: [Field]
  /// `rules/sweep.test.yaml:14`
  public var origin: String

  /// The fields that a test can name.
  static let names = [
    "severity", "title", "key", "market", "token", "side", "user", "confidence", "action", "data", "evidence",
    "fold_count", "late", "data_gap",
  ]
}

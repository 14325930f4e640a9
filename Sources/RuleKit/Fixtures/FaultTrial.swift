import OrderFlow
import RuleEngine

/// Runs tests under every fault, to find rules that depend on what may happen to any flow.
public struct FaultTrial: Sendable {
  /// A test that comes out otherwise under a fault.
  public struct Finding: Sendable {
    /// The test.
    public var test: String
    /// What was done to its flow.
    public var injection: TestInjection
    /// What came out otherwise.
    public var message: String
    /// Whether no rule may depend on it: what was stored is found again, and a repeat is dropped.
    public var isForbidden: Bool
  }

  /// How many runs were made.
  public private(set) var runs = 0
  /// What was found.
  public private(set) var findings: [Finding] = []

  /// Nothing tried yet.
  public init() {}

  /// A test's flow is changed at most at so many places.
  private static let mostPlaces = 12

  /// Runs a test that passes under each fault at each of its orders.
  public mutating func take(_ test: RuleTest, _ runner: RuleTestRunner) {
    guard test.injections.isEmpty, let plain = try? runner.run(test) else { return }
    let count = test.orders.count
    let step = max(1, count / FaultTrial.mostPlaces)
    for kind in [.restart, .reload([:]), .duplicate, .gap(30_000), .late(5000), .reorder, .tick(60_000)]
      as [TestInjection.Kind]
    {
      let places = stride(from: 1, through: kind == .reorder ? count - 1 : count, by: step)
      for place in places {
        runs += 1
        let injection = TestInjection(kind, after: place)
        guard let message = FaultTrial.difference(test, runner, injection, plain) else { continue }
        findings.append(
          Finding(
            test: test.name, injection: injection, message: message,
            isForbidden: [.restart, .reload([:]), .duplicate].contains(kind)))
        // One place of a kind says what there is to say.
        break
      }
    }
  }

  private static func difference(
    _ test: RuleTest, _ runner: RuleTestRunner, _ injection: TestInjection, _ plain: TestResult
  ) -> String? {
    do {
      let result = try runner.run(test, injections: [injection])
      if let failure = result.failures.first?.failure, plain.failures.isEmpty { return failure.message }
      let (before, after) = (said(plain), said(result))
      if before == after { return nil }
      return "due \(text(before)), got \(text(after))"
    } catch {
      return error.problems.first.map { "\($0)" }
    }
  }

  /// What was said, whatever order it was said on: a fault may move that.
  private static func said(_ result: TestResult) -> [String] {
    result.signals.map { "\($0.signal.severity.name)" + ($0.signal.key.isEmpty ? "" : " \($0.signal.key)") }
      .sorted()
  }

  private static func text(_ said: [String]) -> String {
    said.isEmpty
      ? "nothing"
      : said.prefix(3).joined(separator: ", ") + (said.count > 3 ? " and \(said.count - 3) more" : "")
  }
}

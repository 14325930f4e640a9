import COrderFlow
import Documents
import Glibc
import RuleEngine
import RuleKit

/// A test file in memory, and the rules that it tests.
enum TestFileScene {
  /// The head of a file with wallets and a market.
  static let head = """
    rule: sweep
    clock: 2026-03-01T12:00:00Z
    wallets: { alice: "0xa11ce00000000000000000000000000000000c3e", bob: "0xb0b" }
    markets: { btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" } }
    tests:

    """

  /// The test of a sweep as the documentation has it.
  static let sweep = """
      - name: fires once on the 5th fill, the 6th is folded
        orders: |
          +0s    alice BUY 10000 @0.55 btc.Yes
          +20s   alice BUY 10000 @0.56 btc.Yes   x3 every 10s
          +121s  alice BUY  5000 @0.60 btc.Yes   #> high
          +122s  alice BUY  1000 @0.60 btc.Yes   #= folded
        expect:
          - { at: 5, data: { usd: $25300.00, fills: 5 }, evidence: [1, 2, 3, 4, 5] }

    """

  /// Recordings that a file can name: two orders, and nothing else.
  static func recordings(_ name: String) throws(PlacedProblem) -> [TestOrder] {
    guard name == "two.jsonl" else {
      throw PlacedProblem("", "cannot open \(name): No such file or directory")
    }
    return (0..<2).map { TestOrder(time: 1_772_366_400_000 + $0, price: 500_000, shares: 1_000_000) }
  }

  static func read(_ tests: String, head: String = head) throws(PlacedProblem) -> RuleTestFile {
    try RuleTestFile.read(head + tests, path: "rules/sweep.test.yaml", recordings: recordings)
  }

  /// The first test of a file that tests rule `r`.
  static func test(_ orders: String, more: String = "") throws -> RuleTest {
    let rows = orders.split(separator: "\n").map { "          \($0)\n" }.joined()
    let file = try read("      - name: a test\n        orders: |\n\(rows)\(more)")
    return file.tests[0]
  }

  /// A runner of a rule with this text.
  static func runner(_ text: String, _ more: [String: String] = [:]) throws -> RuleTestRunner {
    let files = more.merging(["r": text]) { $1 }
    let sources = RuleSources(rules: files.map { .init(name: $0.key, source: Array($0.value.utf8)) })
    return try RuleTestRunner(sources, rule: "r")
  }

  /// The rules of the repository.
  static func shipped() throws -> RuleSources {
    let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
    func file(_ path: String, _ name: String) throws -> RuleSources.File {
      guard let stream = fopen("\(root)/\(path)", "re") else { throw PlacedProblem(path, "cannot be opened") }
      defer { fclose(stream) }
      var bytes = [UInt8](repeating: 0, count: 1 << 16)
      return .init(name: name, source: Array(bytes[..<fread(&bytes, 1, bytes.count, stream)]))
    }
    return RuleSources(
      rules: try ["sweep", "whale_order", "wallet_velocity"].map { try file("rules/\($0).lua", $0) })
  }
}

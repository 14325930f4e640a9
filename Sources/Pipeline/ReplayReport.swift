public import Feeds
import Glibc
public import OrderFlow
public import RuleEngine
import Wire

/// What a replay did.
public struct ReplayReport: Sendable {
  /// Version of the rule set.
  public var version: String
  /// Orders that reached the rules.
  public var orders: UInt64 = 0
  /// Orders read, repeats included.
  public var read: UInt64 = 0
  /// Repeats that were dropped before the rules.
  public var duplicates: UInt64 = 0
  /// Messages that were dead letters.
  public var rejected: UInt64 = 0
  /// Messages that bring no order, such as acknowledgements.
  public var skipped: UInt64 = 0
  /// Signals that fired.
  public var signals: UInt64 = 0
  /// Repeats folded into earlier signals.
  public var folded: UInt64 = 0
  /// Wall-clock seconds.
  public var seconds = 0.0
  /// SHA-256 of the signals' lines in hexadecimal, nil when it was not asked for.
  public var signalHash: String?
  /// What each rule did.
  public var rules: [RuleTotals] = []
  /// The first dead letters.
  public var firstRejections: [DeadLetter] = []
  /// The first failures of each rule, five at most.
  public var failures: [RuleFailure] = []
  /// Calls that the watchdog ended.
  public var kills: Set<Kill> = []
  /// Orders that signals name as evidence but that were no longer kept.
  public var missingEvidence: UInt64 = 0
  /// Why an input could not be read to its end; what had come before is in the figures.
  public var inputFailure: FeedError?
  /// Number before the first order.
  public var sequenceBase: Int64 = 0

  init(version: String) { self.version = version }

  mutating func note(_ failure: RuleFailure) {
    if failures.count(where: { $0.rule == failure.rule }) < 5 { failures.append(failure) }
    if failure.kind == "killed" {
      kills.insert(Kill(rule: failure.rule, hook: failure.hook, seq: failure.seq))
    }
  }

  /// Orders a second, 0 when no time passed.
  public var rate: Double { seconds > 0 ? Double(read) / seconds : 0 }

  /// The most memory the process has had, bytes.
  public static var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }

  /// One JSON object, as `--stats` writes it.
  public var json: String {
    var out: [UInt8] = []
    func text(_ text: String) { out.append(contentsOf: text.utf8) }
    text("{\"orders\":\(orders),\"duplicates\":\(duplicates),\"rejected\":\(rejected),\"signals\":\(signals)")
    text(",\"folded\":\(folded),\"seconds\":\(seconds),\"orders_per_second\":\(rate)")
    text(",\"peak_rss_bytes\":\(ReplayReport.peakMemory),\"version\":\"\(version)\",\"signal_sha256\":")
    text(signalHash.map { "\"\($0)\"" } ?? "null")
    text(",\"rules\":{")
    for (place, rule) in rules.enumerated() {
      if place > 0 { text(",") }
      JSONText.quote(rule.rule, to: &out)
      text(":{\"calls\":\(rule.calls),\"signals\":\(rule.signals),\"errors\":\(rule.errors)")
      text(",\"cpu_seconds\":\(Double(rule.nanoseconds) / 1e9)}")
    }
    text("}}\n")
    return String(decoding: out, as: UTF8.self)
  }
}

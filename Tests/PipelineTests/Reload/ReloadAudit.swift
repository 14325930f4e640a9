import COrderFlow
import Journal
import OrderFlow
import RuleEngine

@testable import Pipeline

/// Reads a journal after rules were changed many times while orders came, and says what is not as it must be.
struct ReloadAudit {
  private let seen: [String: RulesOnDisk.Content]
  /// Every change and every attempt, oldest first.
  let reloads: [ReloadRecord]
  let signals: [Signal]
  private(set) var problems: [String] = []

  init(_ path: String, _ seen: [String: RulesOnDisk.Content]) throws {
    self.seen = seen
    let reader = try JournalReader(path: path)
    reloads = try reader.reloads(newest: .max).reversed()
    var signals: [Signal] = []
    try reader.signals { signals.append($0.signal) }
    self.signals = signals
    checkReloads()
    checkTold()
    checkVersions()
    checkContents()
    try checkCounts(reader)
  }

  /// Those attempts that brought another version.
  var swaps: [ReloadRecord] { reloads.filter { $0.outcome != "rejected" } }

  private mutating func expect(_ isTrue: Bool, _ problem: @autoclosure () -> String) {
    if !isTrue, problems.count < 20 { problems.append(problem()) }
  }

  // MARK: The history

  /// Each change follows the one before; what must not run never does, and what is in order is not refused.
  private mutating func checkReloads() {
    var running: String?
    for record in reloads {
      let content = seen[record.version]
      expect(record.previous == running, "\(record) does not follow \(running ?? "nothing")")
      if record.outcome == "rejected" {
        expect(content?.isWhole != true, "\(record) was refused and nothing is wrong with it")
        expect(record.reason?.isEmpty == false, "\(record) has no reason")
        continue
      }
      running = record.version
      expect(content != nil, "\(record) was never on the disk")
      expect(content?.isBroken == false, "\(record) must not run")
    }
  }

  /// Every attempt is told by one signal, in the same order.
  private mutating func checkTold() {
    let told = signals.filter { $0.rule == "betterbot/reload" }
    let expected = reloads.filter { $0.outcome != "started" }
    expect(told.count == expected.count, "\(expected.count) attempts, \(told.count) signals of them")
    for (signal, record) in zip(told, expected) {
      let version = record.outcome == "rejected" ? record.previous : record.version
      expect(
        signal.key == record.version && signal.version == version && signal.seq == record.seq
          && signal.data?.contains("\"\(record.outcome)\"") == true, "\(signal) does not tell of \(record)")
    }
  }

  // MARK: Signals

  /// A signal is of the version that ran at its event, by the history.
  private mutating func checkVersions() {
    var changes = swaps[...]
    var running = ""
    for signal in signals where signal.rule != "betterbot/reload" {
      while let next = changes.first, next.seq < signal.seq {
        running = next.version
        changes.removeFirst()
      }
      expect(signal.version == running, "\(signal) while \(running) ran")
    }
  }

  /// A signal says just what the files of its version make its rule say.
  private mutating func checkContents() {
    for signal in signals where !signal.rule.hasPrefix("betterbot/") {
      guard let content = seen[signal.version] else {
        expect(false, "\(signal) is of a version that was never on the disk")
        continue
      }
      for (name, value) in ReloadAudit.fields(signal) where name != "n" {
        let key = name == "lib" ? "lib.rev" : name == "label" ? "tables.label" : "\(signal.rule).\(name)"
        let number = content.numbers[key].map { name == "label" ? "\"watch-\($0)\"" : "\($0)" }
        expect(number == value, "\(signal) says \(name) = \(value), its version \(number ?? "nothing")")
      }
    }
  }

  /// The members of a signal's flat data.
  private static func fields(_ signal: Signal) -> [(name: String, value: String)] {
    (signal.data ?? "{}").dropFirst().dropLast().split(separator: ",").compactMap { member in
      let parts = member.split(separator: ":", maxSplits: 1)
      return parts.count == 2 ? (String(parts[0].dropFirst().dropLast()), String(parts[1])) : nil
    }
  }

  // MARK: Counts

  /// Rules that count in `state` miss no order while they run and count none twice; a window holds what the journal
  /// says.
  private mutating func checkCounts(_ reader: JournalReader) throws {
    let counters = ["steady", "edited", "migrant"]
    let counting = signals.filter { counters.contains($0.rule) || $0.rule == "windowed" }
    var waiting = counting[...]
    var changes = swaps[...]
    // Orders that came while a counter was in the folder, with which it comes and goes.
    var counted: [String: Int] = [:]
    var present: [String] = []
    var flow = SeenFlow()
    var last: [String: Int] = [:]
    var end: Int64 = 0
    try reader.readBack(batch: 512) { batch in
      switch batch {
      case .orders(let orders):
        for order in orders {
          expect(order.seq == end + 1, "event \(order.seq) comes after \(end)")
          end = order.seq
          flow.take(order)
          while let next = changes.first, next.seq < order.seq {
            present = counters.filter { seen[next.version]?.numbers["\($0).rev"] != nil }
            changes.removeFirst()
          }
          for rule in present { counted[rule, default: 0] += 1 }
          while let signal = waiting.first, signal.seq <= order.seq {
            waiting.removeFirst()
            if signal.rule == "windowed" {
              checkWindow(signal, flow)
            } else {
              check(signal, counted[signal.rule, default: 0], &last)
            }
          }
        }
      case .tick(let seq, _), .gap(let seq, _):
        expect(seq == end + 1, "event \(seq) comes after \(end)")
        end = seq
        if case .tick(_, let clock) = batch { flow.clock = max(flow.clock, clock) }
      }
    }
    let every = SoakRules.every
    for rule in counters {
      let count = counted[rule, default: 0]
      expect(last[rule, default: 0] == count / every, "\(rule) stopped at \(last[rule] ?? 0) of \(count)")
    }
  }

  private mutating func check(_ signal: Signal, _ orders: Int, _ last: inout [String: Int]) {
    let number = ReloadAudit.fields(signal).first { $0.name == "n" }.flatMap { Int($0.value) } ?? -1
    last[signal.rule, default: 0] += 1
    expect(number == orders, "\(signal) counts \(number) at order \(orders)")
    expect(number == last[signal.rule, default: 0] * SoakRules.every, "\(signal) is out of turn")
  }

  private mutating func checkWindow(_ signal: Signal, _ flow: SeenFlow) {
    let fields = ReloadAudit.fields(signal)
    func number(_ name: String) -> Int? { fields.first { $0.name == name }.flatMap { Int($0.value) } }
    guard flow.clock == signal.time, let span = number("span"), let side = signal.side else { return }
    let count = flow.count(side, seconds: span)
    expect(number("n") == count, "\(signal) finds \(number("n") ?? -1) orders, the journal has \(count)")
  }
}

/// The orders up to some event, as far as windows count them.
struct SeenFlow {
  var clock = Int64.min
  private(set) var count = 0
  /// By side and second.
  private var counts: [String: [Int64: Int]] = [:]

  mutating func take(_ order: Order) {
    count += 1
    clock = max(clock, order.time)
    let side = order.side == UInt8(BB_SIDE_BUY) ? "BUY" : "SELL"
    counts[side, default: [:]][order.time / 1000, default: 0] += 1
  }

  /// Orders of a side in the last so many seconds; event time has whole ones only.
  func count(_ side: String, seconds: Int) -> Int {
    let now = clock / 1000
    return (now - Int64(seconds) + 1...now).reduce(0) { $0 + (counts[side]?[$1] ?? 0) }
  }
}

import Documents
import OrderFlow

/// Compares what a rule did with what is due.
struct TestJudge {
  private let test: RuleTest
  private let result: TestResult
  private let numbers: [Int: Int]
  private var verdict: TestVerdict

  /// Judges a run. What a golden holds is compared elsewhere.
  static func judge(_ test: RuleTest, _ result: TestResult) -> TestVerdict {
    var judge = TestJudge(test, result)
    judge.look()
    return judge.verdict
  }

  private init(_ test: RuleTest, _ result: TestResult) {
    self.test = test
    self.result = result
    numbers = test.numbers
    verdict = TestVerdict(test: test, result: result)
  }

  private mutating func look() {
    let said = Dictionary(grouping: result.signals.filter { $0.event != nil }) { $0.event ?? 0 }
    let folds = Dictionary(grouping: result.folds.compactMap(\.self)) { $0 }.mapValues(\.count)
    let failures = Dictionary(grouping: result.failures) { $0.event }
    if test.isTable {
      for place in test.events.indices {
        lookAtMarks(place, said[place] ?? [], folds[place] ?? 0)
      }
    }
    for (place, expected) in expectations { lookAtFields(place, expected, said[place] ?? []) }
    if test.hasExpectations, !test.isTable, test.golden == nil {
      for place in said.keys.sorted() {
        for extra in (said[place] ?? []).dropFirst(
          expectations.first { $0.place == place }?.expected.count ?? 0)
        {
          add(place, "due nothing, got \(TestJudge.text(extra.signal))", .unexpected)
        }
      }
    }
    // A golden says by the time what is due on what was injected.
    for extra in result.signals where extra.event == nil && test.golden == nil {
      add(nil, "due nothing, got \(TestJudge.text(extra.signal)) on what was injected", .unexpected)
    }
    for (place, failed) in failures.sorted(by: { ($0.key ?? -1) < ($1.key ?? -1) }) {
      for (_, failure) in failed.prefix(3) {
        add(place, "the rule failed in \(failure.hook): \(failure.message)", .other)
      }
    }
    verdict.differences.sort { ($0.event ?? -1) < ($1.event ?? -1) }
  }

  private mutating func add(_ event: Int?, _ message: String, _ kind: TestVerdict.Difference.Kind) {
    verdict.differences.append(.init(event: event, message: message, kind: kind))
  }

  static func text(_ signal: Signal) -> String { "\(signal.severity.name) \"\(signal.title)\"" }

  // MARK: Marks

  private mutating func lookAtMarks(_ place: Int, _ said: [TestResult.Said], _ folds: Int) {
    let marks = test.events[place].marks
    if marks.contains(.late), !result.late.contains(place) {
      add(place, "due late, but it is not older than the watermark when it arrives", .other)
    }
    let isDropped = result.repeats.contains(place)
    if isDropped, !marks.isEmpty {
      add(place, "it repeats an earlier order in everything that tells orders apart, and is dropped", .other)
      return
    }
    var left = said[...]
    for mark in marks {
      switch mark {
      case .signal(let severity):
        guard let got = left.popFirst() else {
          add(
            place, "due \(severity.name), got \(folds > 0 ? "a repeat that is folded" : "nothing")", .missing)
          continue
        }
        if got.signal.severity != severity {
          add(place, "due \(severity.name), got \(TestJudge.text(got.signal))", .other)
        }
      case .missed(let severity):
        if left.first?.signal.severity == severity {
          left.removeFirst()
          note(place, "a known miss that is missed no more: write #> \(severity.name)")
        } else {
          note(place, "a known miss: due \(severity.name), got nothing")
        }
      case .folded, .late: break
      }
    }
    for extra in left {
      add(
        place, "due nothing\(left.count < said.count ? " more" : ""), got \(TestJudge.text(extra.signal))",
        .unexpected)
    }
    let due = marks.count { $0 == .folded }
    if folds < due {
      let got = said.isEmpty ? "nothing" : "a signal that is not folded"
      add(place, "due a repeat that is folded, got \(got)", said.isEmpty ? .missing : .other)
    }
    if folds > due, !marks.contains(where: { if case .signal = $0 { true } else { false } }) {
      add(
        place, "due nothing\(due > 0 ? " more" : ""), got a repeat that is folded: mark it with #= folded",
        .unexpected)
    }
  }

  private mutating func note(_ place: Int, _ message: String) {
    verdict.notes.append(.init(event: place, message: message, kind: .other))
  }

  // MARK: Fields

  /// The expectations by place of their event, in the order of the file.
  private var expectations: [(place: Int, expected: [TestExpectation])] {
    let orders = test.orders
    let placed: [(Int, TestExpectation)] = test.expectations.compactMap { expectation in
      switch expectation.place {
      case .order(let number): orders.indices.contains(number - 1) ? (orders[number - 1], expectation) : nil
      case .time(let time): test.events.lastIndex { $0.time == time }.map { ($0, expectation) }
      }
    }
    return Dictionary(grouping: placed) { $0.0 }.sorted { $0.key < $1.key }.map {
      ($0.key, $0.value.map(\.1))
    }
  }

  private mutating func lookAtFields(
    _ place: Int, _ expected: [TestExpectation], _ said: [TestResult.Said]
  ) {
    for (number, expectation) in expected.enumerated() {
      guard said.indices.contains(number) else {
        let marked = test.events[place].marks.count(where: \.isSignal)
        if number >= marked, test.isTable {
          add(
            place, "\(expectation.origin): expect has more entries here than marks (\(marked)): add a mark",
            .other)
        } else if !test.isTable {
          add(place, "due a signal, got nothing", .missing)
        }
        // The marks of a table say so already.
        continue
      }
      let fields = fields(of: said[number].signal)
      for field in expectation.fields {
        let wanted = named(field)
        let actual = fields[field.name] ?? .null
        if let difference = wanted.difference(from: actual, path: field.name) {
          add(place, difference, .other)
        }
      }
    }
  }

  /// What a field must be, with names of wallets and outcomes in full.
  private func named(_ field: TestExpectation.Field) -> TestValue {
    guard case .word(let word) = field.value else { return field.value }
    switch field.name {
    case "user": return .word(test.names.wallets[word] ?? word)
    case "market": return .word(test.names.markets[word]?.slug ?? word)
    case "token":
      for (name, market) in test.names.markets {
        for outcome in market.outcomes where word == "\(name).\(TestNames.word(outcome.label))" {
          return .word(outcome.token)
        }
      }
      return field.value
    default: return field.value
    }
  }

  private func fields(of signal: Signal) -> [String: JSONValue] {
    func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
    // By number: orders that change places are the same evidence.
    let evidence = signal.evidence.map { seq in result.event(of: seq).flatMap { numbers[$0] } ?? 0 }.sorted()
    return [
      "severity": .string(signal.severity.name), "title": .string(signal.title), "key": .string(signal.key),
      "market": text(signal.market), "token": text(signal.token), "side": text(signal.side),
      "user": text(signal.user), "confidence": signal.confidence.map { .number("\($0)") } ?? .null,
      "action": text(signal.action), "data": signal.data.flatMap { JSONValue($0.utf8) } ?? .null,
      "evidence": .array(evidence.map { .number("\($0)") }), "fold_count": .number("\(signal.foldCount)"),
      "late": .bool(signal.late),
      "data_gap": .bool(signal.dataGap),
    ]
  }
}

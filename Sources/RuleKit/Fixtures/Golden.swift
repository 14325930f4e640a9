public import Documents
import OrderFlow
import Wire

/// All the signals that a test's flow gives, as a file that is compared with the next run and read in a review.
///
/// It holds nothing that changes between runs: no ids, no versions, no wall clock. Keys are sorted, and numbers
/// of the rule's own are decimal text, so that no reader rounds them.
public struct Golden: Equatable, Sendable {
  /// One signal.
  public struct Entry: Equatable, Sendable {
    /// On which order it came (`5`), or at which event time (`+600s`), and its ordinal there when it is not the first.
    public var key: String
    /// Its fields.
    public var fields: JSONValue
  }

  /// In the order in which they came.
  public var signals: [Entry]

  /// What a run gave.
  public init(_ test: RuleTest, _ result: TestResult) {
    let numbers = test.numbers
    var seen: [String: Int] = [:]
    signals = result.signals.map { said in
      let number = said.event.flatMap { numbers[$0] }
      let place = number.map { "\($0)" } ?? EventTime.text(said.signal.time)
      seen[place, default: 0] += 1
      let ordinal = seen[place] ?? 1
      return Entry(
        key: ordinal == 1 ? place : "\(place)#\(ordinal)",
        fields: Golden.fields(said.signal, order: number) { result.event(of: $0).flatMap { numbers[$0] } })
    }
  }

  /// What a file holds; nil when it is no golden.
  public init?(_ text: some Collection<UInt8>) {
    guard let file = JSONValue(text), let list = file["signals"]?.elements else { return nil }
    var signals: [Entry] = []
    var keys: Set<String> = []
    for element in list {
      guard case .object(var fields) = element, let key = fields.removeValue(forKey: "at")?.text,
        keys.insert(key).inserted
      else { return nil }
      signals.append(Entry(key: key, fields: .object(fields)))
    }
    self.signals = signals
  }

  private static func fields(
    _ signal: Signal, order: Int?, number: (Int64) -> Int?
  ) -> JSONValue {
    var fields: [String: JSONValue] = [
      "severity": .string(signal.severity.name), "title": .string(signal.title),
      "time": .string(EventTime.text(signal.time)), "fold_count": .number("\(signal.foldCount)"),
      "evidence": .array(signal.evidence.map { number($0).map { .number("\($0)") } ?? .null }),
    ]
    if !signal.key.isEmpty { fields["key"] = .string(signal.key) }
    let texts = [
      ("market", signal.market), ("token", signal.token), ("side", signal.side), ("user", signal.user),
      ("action", signal.action),
    ]
    for (name, text) in texts { fields[name] = text.map { .string($0) } }
    fields["confidence"] = signal.confidence.map { .string("\($0)") }
    fields["data"] = signal.data.flatMap { JSONValue($0.utf8) }.map(decimal)
    if signal.late { fields["late"] = .bool(true) }
    if signal.dataGap { fields["data_gap"] = .bool(true) }
    if signal.warming { fields["warming"] = .bool(true) }
    return .object(fields)
  }

  /// A value with its numbers as text.
  private static func decimal(_ value: JSONValue) -> JSONValue {
    switch value {
    case .number(let number): .string(number)
    case .array(let elements): .array(elements.map(decimal))
    case .object(let members): .object(members.mapValues(decimal))
    case .null, .bool, .string: value
    }
  }

  // MARK: The file

  /// The text of the file: one member a line, so that a review shows what changed.
  public func text(rule: String, test: String) -> String {
    let list = signals.map { entry -> JSONValue in
      guard case .object(var fields) = entry.fields else { return entry.fields }
      fields["at"] = .string(entry.key)
      return .object(fields)
    }
    var bytes: [UInt8] = []
    Golden.append(
      .object(["rule": .string(rule), "test": .string(test), "signals": .array(list)]), 0, to: &bytes)
    return String(decoding: bytes, as: UTF8.self) + "\n"
  }

  /// A value in lines.
  static func lines(_ value: JSONValue) -> [String] {
    var bytes: [UInt8] = []
    append(value, 0, to: &bytes)
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  private static func append(_ value: JSONValue, _ depth: Int, to bytes: inout [UInt8]) {
    func line(_ depth: Int) {
      bytes.append(UInt8(ascii: "\n"))
      bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }
    switch value {
    case .null: bytes.append(contentsOf: "null".utf8)
    case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
    case .number(let text): bytes.append(contentsOf: text.utf8)
    case .string(let text): JSONText.quote(text, to: &bytes)
    case .array(let elements):
      bytes.append(UInt8(ascii: "["))
      for (place, element) in elements.enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        let isFlat = if case .number = element { true } else { false }
        if isFlat { if place > 0 { bytes.append(UInt8(ascii: " ")) } } else { line(depth + 1) }
        append(element, depth + 1, to: &bytes)
      }
      if case .number? = elements.first {} else if !elements.isEmpty { line(depth) }
      bytes.append(UInt8(ascii: "]"))
    case .object(let members):
      bytes.append(UInt8(ascii: "{"))
      for (place, (key, member)) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if place > 0 { bytes.append(UInt8(ascii: ",")) }
        line(depth + 1)
        JSONText.quote(key, to: &bytes)
        bytes.append(contentsOf: ": ".utf8)
        append(member, depth + 1, to: &bytes)
      }
      if !members.isEmpty { line(depth) }
      bytes.append(UInt8(ascii: "}"))
    }
  }
}

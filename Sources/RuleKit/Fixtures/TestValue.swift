import Documents
import OrderFlow

/// What a test says that a value must be: any text, number, list or map.
///
/// `$25300.00` is the integer 25300000000, as money is in a rule; `55c` is 550000.
public indirect enum TestValue: Equatable, Sendable {
  case nothing
  case word(String)
  case list([TestValue])
  case map([String: TestValue])

  init(_ value: PlacedValue) {
    switch value.content {
    case .nothing: self = .nothing
    case .text(let text): self = .word(text)
    case .list(let values): self = .list(values.map { TestValue($0) })
    case .map(let entries):
      self = .map(Dictionary(entries.map { ($0.key, TestValue($0.value)) }) { $1 })
    }
  }

  /// How a value differs from this, in words with its path; nil when it is what it must be.
  ///
  /// Maps may have more keys than are named here.
  func difference(from actual: JSONValue, path: String) -> String? {
    switch (self, actual) {
    case (.map(let wanted), .object(let members)):
      for (key, value) in wanted.sorted(by: { $0.key < $1.key }) {
        let inner = path.isEmpty ? key : "\(path).\(key)"
        guard let member = members[key] else {
          if value == .nothing { continue }
          return "\(inner): due \(value.text), got nothing" + NearestName.hint(key, of: members.keys.sorted())
        }
        if let difference = value.difference(from: member, path: inner) { return difference }
      }
      return nil
    case (.list(let wanted), .array(let elements)):
      if wanted.count == elements.count {
        for (place, value) in wanted.enumerated() {
          if let difference = value.difference(from: elements[place], path: "\(path)[\(place + 1)]") {
            return difference
          }
        }
        return nil
      }
    case (.nothing, .null): return nil
    // An empty table of Lua is both.
    case (.list, .object(let members)) where self == .list([]) && members.isEmpty: return nil
    case (.word(let word), _): if TestValue.isSame(word, actual) { return nil }
    default: break
    }
    return "\(path): due \(text), got \(shown(actual))"
  }

  /// Whether a word means a value.
  private static func isSame(_ word: String, _ actual: JSONValue) -> Bool {
    switch actual {
    case .null: return ["null", "nil", "~"].contains(word)
    case .bool(let value): return word == (value ? "true" : "false")
    case .string(let text): return word == text
    case .number(let number):
      if let wanted = integer(word), let value = Int64(number) { return wanted == value }
      guard let wanted = Double(word) ?? integer(word).map(Double.init), let value = Double(number) else {
        return false
      }
      // What is written with a few digits is meant as the sum that a rule comes to.
      return abs(wanted - value) <= 1e-9 * max(1, abs(wanted))
    case .array, .object: return false
    }
  }

  /// The whole number that a word means: `5`, `$0.04`, `4c`, `1,000`.
  static func integer(_ word: String) -> Int64? {
    let digits = word.replacing(",", with: "")
    if let number = Int64(digits) { return number }
    let isNegative = digits.hasPrefix("-")
    let magnitude = digits.dropFirst(isNegative ? 1 : 0)
    var micros: Int64?
    if magnitude.hasPrefix("$") {
      micros = OrderTable.micros(magnitude.dropFirst())
    } else if magnitude.hasSuffix("c"), let cents = OrderTable.micros(magnitude.dropLast()), cents % 100 == 0
    {
      micros = cents / 100
    }
    return micros.map { isNegative ? -$0 : $0 }
  }

  /// As it is written.
  var text: String {
    switch self {
    case .nothing: "nothing"
    case .word(let word): word
    case .list(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .map(let values):
      "{ " + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ")
        + " }"
    }
  }

  /// A value beside this one: money where this is money.
  private func shown(_ actual: JSONValue) -> String {
    if case .word(let word) = self, case .number(let number) = actual, let value = Int64(number) {
      if word.contains("$") { return ValueText.dollars(value) }
      if word.hasSuffix("c"), TestValue.integer(word) != nil { return "\(Micros(raw: value).text) dollars" }
    }
    return TestValue.text(actual)
  }

  /// A value as it is shown.
  static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "nothing"
    case .bool(let value): value ? "true" : "false"
    case .number(let number): number
    case .string(let text): text
    case .array(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
    case .object(let members):
      "{ " + members.sorted { $0.key < $1.key }.map { "\($0.key): \(text($0.value))" }.joined(separator: ", ")
        + " }"
    }
  }
}

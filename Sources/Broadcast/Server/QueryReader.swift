import Hummingbird
import HummingbirdCore
import OrderFlow

/// Reads the parameters of a request; what is unknown, twice, or out of range is a problem.
struct QueryReader {
  private var values: [String: String] = [:]

  /// Takes the query of a request apart; only these names may be in it.
  init(_ uri: URI, allowed names: [String]) throws(Problem) {
    for (key, value) in uri.queryParameters {
      let (name, text) = (String(key), String(value))
      guard names.contains(name) else {
        let known = names.isEmpty ? "there is none" : "there are \(names.joined(separator: ", "))"
        throw .badRequest("there is no parameter\(QueryReader.shown(name)) here; \(known)")
      }
      guard values.updateValue(text, forKey: name) == nil else {
        throw .badRequest("the parameter \(name) is there twice; give it once")
      }
    }
  }

  /// A text that is not empty.
  func text(_ name: String, most: Int = 256) throws(Problem) -> String? {
    guard let value = values[name] else { return nil }
    let isPlain = value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    guard !value.isEmpty, value.unicodeScalars.count <= most, isPlain else {
      throw .badRequest("\(name) must be a text of 1 to \(most) characters without control characters")
    }
    return value
  }

  /// A whole number in a range.
  func number(_ name: String, _ range: ClosedRange<Int64>) throws(Problem) -> Int64? {
    guard let value = values[name] else { return nil }
    let isPlain = value.utf8.allSatisfy { (0x30...0x39).contains($0) } && !value.isEmpty
    guard isPlain, let number = Int64(value), range.contains(number) else {
      throw .badRequest("\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A time as ms since 1970 UTC: a number of them, `2026-01-04`, or `2026-01-04T19:51:35Z`.
  func time(_ name: String) throws(Problem) -> Int64? {
    guard let value = values[name] else { return nil }
    if value.utf8.count <= 14, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let time = Int64(value)
    {
      return time
    }
    let isTime =
      value.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?/) != nil
    guard isTime, let time = EventTime.parse(value) else {
      throw .badRequest(
        "\(name) must be milliseconds since 1970, a day (2026-01-04) or a time in UTC (2026-01-04T19:51:35Z)")
    }
    return time
  }

  /// One of some words.
  func word<Word: RawRepresentable & CaseIterable>(
    _ name: String, _ type: Word.Type
  ) throws(Problem) -> Word? where Word.RawValue == String {
    guard let value = values[name] else { return nil }
    guard let word = Word(rawValue: value) else {
      throw .badRequest("\(name) must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return word
  }

  /// Some words with commas between them.
  func words<Word: RawRepresentable & CaseIterable & Hashable>(
    _ name: String, _ type: Word.Type
  ) throws(Problem) -> Set<Word> where Word.RawValue == String {
    guard let value = values[name] else { return [] }
    var words: Set<Word> = []
    for part in value.split(separator: ",", omittingEmptySubsequences: false) {
      guard let word = Word(rawValue: String(part)) else {
        throw .badRequest("\(name) must be some of \(Word.allCases.map(\.rawValue).joined(separator: ","))")
      }
      words.insert(word)
    }
    return words
  }

  /// How severe a signal must be.
  func severity(_ name: String) throws(Problem) -> Severity? {
    guard let value = values[name] else { return nil }
    guard let severity = Severity(name: value) else {
      throw .badRequest("\(name) must be one of \(Severity.allCases.map(\.name).joined(separator: ", "))")
    }
    return severity
  }

  /// A name that was mistyped; not what may be a secret without a name.
  private static func shown(_ name: String) -> String {
    let isWord = name.wholeMatch(of: /[A-Za-z_]{1,24}/) != nil
    return isWord ? " \(name)" : " of this name"
  }
}

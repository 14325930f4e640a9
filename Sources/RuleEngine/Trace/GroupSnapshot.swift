import COrderFlow

/// A group of a window as a hook saw it.
public struct GroupSnapshot: Equatable, Sendable {
  /// A named value.
  public struct Entry: Equatable, Sendable {
    /// Name of a key's field or of an aggregate.
    public var name: String
    /// Its value.
    public var value: ProbeValue
    /// What a whole number in it counts.
    public var unit: ValueUnit
  }

  /// The window.
  public var window: String
  /// The fields of `by`.
  public var key: [Entry]
  /// The aggregates in name order.
  public var aggregates: [Entry]
  /// Journal numbers of the orders in it, ascending.
  public var orders: [Int64]
  /// Whether a cap dropped orders of it.
  public var isTruncated: Bool
}

extension RuleRunner {
  /// A group as it is now.
  func snapshot(_ window: Int, _ slot: Int32) -> GroupSnapshot {
    let definition = header.windows[window]
    var key: [GroupSnapshot.Entry] = []
    for (place, (name, field)) in definition.keys.enumerated() {
      let word = windows[window].keys[Int(slot) * windows[window].keyCount + place]
      key.append(.init(name: name, value: value(field, word), unit: .of(field: name)))
    }
    var aggregates: [GroupSnapshot.Entry] = []
    for (place, (name, _)) in definition.aggregates.enumerated() {
      let value: ProbeValue =
        switch windows[window].value(place, of: slot, symbols: symbols.pointee) {
        case .none: .nil
        case .integer(let value): .integer(value)
        case .number(let value): .number(value)
        case .symbol(let word): text(word)
        case .top(let pairs): .table(count: pairs.count)
        case .failure(let reason): .other(type: "\(reason)")
        }
      aggregates.append(.init(name: name, value: value, unit: definition.unit(of: place)))
    }
    return GroupSnapshot(
      window: definition.name, key: key, aggregates: aggregates, orders: windows[window].sequences(slot),
      isTruncated: windows[window].isTruncated(slot, clock: cursor.pointee.clock))
  }

  private func text(_ word: Int64) -> ProbeValue {
    let text = symbols.pointee.text(UInt32(truncatingIfNeeded: word))
    if text.isEmpty { return .nil }
    return .text(String(decoding: text, as: UTF8.self), count: text.count)
  }

  private func value(_ field: OrderField, _ word: Int64) -> ProbeValue {
    if case .text = field { return text(word) }
    if case .late = field { return .boolean(word != 0) }
    guard let codes = field.codes else { return .integer(word) }
    guard let name = codes.first(where: { $0.code == word })?.name else { return .nil }
    return .text(name, count: name.utf8.count)
  }
}

extension WindowDefinition {
  /// What the values of aggregate `number` count.
  func unit(of number: Int) -> ValueUnit {
    switch aggregates[number].aggregate {
    case .sum(let value), .mean(let value), .minimum(let value), .maximum(let value), .first(let value),
      .last(let value), .deviation(let value), .quantile(let value, _), .ewma(let value, _):
      .of(field: values[value].name)
    case .count, .distinct, .top: .plain
    }
  }
}

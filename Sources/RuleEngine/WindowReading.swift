import COrderFlow

/// The values of a group's aggregates, computed when they are read.
extension Window {
  /// The value of aggregate `number` of the group at `slot`.
  mutating func value(_ number: Int, of slot: Int32, symbols: borrowing SymbolTable) -> AggregateValue {
    let group = groups + Int(slot)
    let count = group.pointee.count
    let place = Int(slot) &* accumulators.count &+ places[number]
    switch aggregates[number] {
    case .count: return .integer(Int64(count))
    case .sum, .distinct: return Window.integer(sums[place])
    case .mean: return count == 0 ? .none : .number(Double(sums[place]) / Double(count))
    case .minimum(let value): return extreme(place, value, slot) { $0 < $1 }
    case .maximum(let value): return extreme(place, value, slot) { $0 > $1 }
    case .first(let value): return count == 0 ? .none : single(group, 0, value)
    case .last(let value): return count == 0 ? .none : single(group, count - 1, value)
    case .deviation(let value): return deviation(group, value)
    case .quantile(let value, let fraction): return quantile(group, value, fraction)
    case .ewma(let value, let halfLife): return ewma(group, value, halfLife)
    case .top(let label, let wanted, let weight): return top(group, label, wanted, weight, symbols)
    }
  }

  /// A count or a sum without the ways around it that other values need; nil for other aggregates.
  @inline(__always)
  func exact(_ number: Int, of slot: Int32) -> Int128? {
    switch aggregates[number] {
    case .count: Int128(groups[Int(slot)].count)
    case .sum, .distinct: sums[Int(slot) &* accumulators.count &+ places[number]]
    default: nil
    }
  }

  private static func integer(_ value: Int128) -> AggregateValue {
    Int64(exactly: value).map { .integer($0) } ?? .failure("the sum does not fit 64 bits")
  }

  private func item(_ group: UnsafeMutablePointer<Group>, _ place: Int32) -> UnsafeMutablePointer<Int64>? {
    group.pointee.ring.map { $0 + offset(group, place) }
  }

  private func single(_ group: UnsafeMutablePointer<Group>, _ place: Int32, _ value: Int) -> AggregateValue {
    guard let word = item(group, place)?[2 + value] else { return .none }
    if definition.values[value].isInteger { return .integer(word) }
    return word == 0 ? .none : .symbol(word)
  }

  private mutating func extreme(
    _ place: Int, _ value: Int, _ slot: Int32, _ better: (Int64, Int64) -> Bool
  ) -> AggregateValue {
    let group = groups + Int(slot)
    guard group.pointee.count > 0 else { return .none }
    if sums[place] != Window.stale { return Window.integer(sums[place]) }
    var best: Int64?
    for position in 0..<group.pointee.count {
      guard let word = item(group, position)?[2 + value] else { continue }
      if let known = best, !better(word, known) { continue }
      best = word
    }
    guard let best else { return .none }
    sums[place] = Int128(best)
    return .integer(best)
  }

  private func words(_ group: UnsafeMutablePointer<Group>, _ value: Int) -> [Int64] {
    (0..<group.pointee.count).compactMap { item(group, $0)?[2 + value] }
  }

  /// Sample standard deviation in two passes; exact sums keep the mean free of drift.
  private func deviation(_ group: UnsafeMutablePointer<Group>, _ value: Int) -> AggregateValue {
    let words = words(group, value)
    guard words.count > 1 else { return .none }
    let total = words.reduce(Int128(0)) { $0 + Int128($1) }
    let mean = Double(total) / Double(words.count)
    var squares = 0.0
    for word in words {
      let distance = Double(word) - mean
      squares += distance * distance
    }
    return .number((squares / Double(words.count - 1)).squareRoot())
  }

  /// Nearest rank: the smallest value with at least `fraction` of all at or below it.
  ///
  /// The fraction is meant as the decimal that was written: 7 % of 100 values are 7 and not the 8 that the
  /// product in binary rounds up to.
  private func quantile(_ group: UnsafeMutablePointer<Group>, _ value: Int, _ fraction: Double)
    -> AggregateValue
  {
    let sorted = words(group, value).sorted()
    guard !sorted.isEmpty else { return .none }
    let rank = Int((fraction * Double(sorted.count) - 1e-9).rounded(.up))
    return .integer(sorted[min(max(rank, 1), sorted.count) - 1])
  }

  /// Mean weighted by `2^(−age / halfLife)`, age counted from the youngest order of the group.
  private func ewma(_ group: UnsafeMutablePointer<Group>, _ value: Int, _ halfLife: Int64) -> AggregateValue {
    guard group.pointee.count > 0, let youngest = item(group, group.pointee.count - 1)?[0] else {
      return .none
    }
    var weights = 0.0
    var total = 0.0
    for position in 0..<group.pointee.count {
      guard let item = item(group, position) else { continue }
      let weight = Window.halving(Double(youngest - item[0]) / Double(halfLife))
      weights += weight
      total += weight * Double(item[2 + value])
    }
    return .number(total / weights)
  }

  /// `2^(−x)` for `x ≥ 0` from additions and multiplications only: the C library's may differ between machines.
  static func halving(_ x: Double) -> Double {
    if x > 1000 { return 0 }
    let whole = x.rounded(.down)
    // e^(−y) by its series, y = fraction × ln 2 < 0.694: fifteen terms are below the last place.
    let y = (x - whole) * -0.693147180559945309417
    var term = 1.0
    var result = 1.0
    for step in 1..<18 {
      term = term * y / Double(step)
      result += term
    }
    return result * Double(sign: .plus, exponent: -Int(whole), significand: 1)
  }

  private func top(
    _ group: UnsafeMutablePointer<Group>, _ label: Int, _ wanted: Int, _ weight: Int,
    _ symbols: borrowing SymbolTable
  ) -> AggregateValue {
    var totals: [Int64: Int128] = [:]
    for position in 0..<group.pointee.count {
      guard let item = item(group, position) else { continue }
      if item[2 + label] == 0, !definition.values[label].isInteger { continue }
      totals[item[2 + label], default: 0] += Int128(item[2 + weight])
    }
    let isText = !definition.values[label].isInteger
    var ranked = Array(totals)
    Window.sort(&ranked, isText: isText, symbols)
    var result: [(label: Int64, weight: Int64)] = []
    for (word, total) in ranked.prefix(wanted) {
      guard let total = Int64(exactly: total) else { return .failure("a sum does not fit 64 bits") }
      result.append((word, total))
    }
    return .top(result)
  }

  /// By descending weight; equal weights by text or number, so that the order never depends on hashing.
  private static func sort(
    _ ranked: inout [(key: Int64, value: Int128)], isText: Bool, _ symbols: borrowing SymbolTable
  ) {
    var texts: [Int64: [UInt8]] = [:]
    if isText {
      for (word, _) in ranked { texts[word] = Array(symbols.text(UInt32(truncatingIfNeeded: word))) }
    }
    ranked.sort { left, right in
      if left.value != right.value { return left.value > right.value }
      if isText { return (texts[left.key] ?? []).lexicographicallyPrecedes(texts[right.key] ?? []) }
      return left.key < right.key
    }
  }

  /// The journal numbers of a group's orders, ascending.
  func sequences(_ slot: Int32) -> [Int64] {
    let group = groups + Int(slot)
    return (0..<group.pointee.count).compactMap { item(group, $0)?[1] }.sorted()
  }

  /// The groups that hold an order, sorted by key.
  mutating func sortedGroups(clock: Int64, symbols: borrowing SymbolTable) -> [Int32] {
    var slots: [(slot: Int32, key: [KeyPart])] = []
    for slot in 0..<used where groups[slot].generation != 0 {
      if case .sliding(let span) = shape { expire(Int32(slot), before: clock - span) }
      if groups[slot].count == 0 { continue }
      slots.append((Int32(slot), keyParts(Int32(slot), symbols)))
    }
    slots.sort { $0.key.lexicographicallyPrecedes($1.key) }
    return slots.map(\.slot)
  }

  /// One field of a key in an order that does not depend on hashing or on when a text was first seen.
  enum KeyPart: Comparable {
    case number(Int64)
    case text([UInt8])

    static func < (left: KeyPart, right: KeyPart) -> Bool {
      switch (left, right) {
      case (.number(let a), .number(let b)): a < b
      case (.text(let a), .text(let b)): a.lexicographicallyPrecedes(b)
      case (.number, .text): true
      case (.text, .number): false
      }
    }
  }

  /// A group's key in sortable form; the bucket of a tumbling window comes last.
  func keyParts(_ slot: Int32, _ symbols: borrowing SymbolTable) -> [KeyPart] {
    var parts: [KeyPart] = []
    for field in 0..<keyCount {
      let word = keys[Int(slot) * keyCount + field]
      if field < definition.keys.count, case .text = definition.keys[field].field {
        parts.append(.text(Array(symbols.text(UInt32(truncatingIfNeeded: word)))))
      } else {
        parts.append(.number(word))
      }
    }
    return parts
  }

  /// Marks every text that the window's keys and orders refer to.
  func mark(_ symbols: borrowing SymbolTable) {
    for slot in 0..<used where groups[slot].generation != 0 {
      for field in 0..<definition.keys.count {
        if case .text = definition.keys[field].field { symbols.mark(keys[slot * keyCount + field]) }
      }
      let group = groups + slot
      for (value, field) in definition.values.enumerated() {
        guard case .text = field else { continue }
        for position in 0..<group.pointee.count {
          if let word = item(group, position)?[2 + value] { symbols.mark(word) }
        }
      }
    }
  }
}

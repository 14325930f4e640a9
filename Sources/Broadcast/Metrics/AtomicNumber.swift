import Synchronization

/// A number that many threads add to without a lock.
final class AtomicNumber: Sendable {
  private let bits = Atomic<UInt64>(0)

  /// What it is now.
  var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  /// Adds; tries again when another thread was faster, one of which always gets on.
  func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let new = (Double(bitPattern: old) + amount).bitPattern
      let result = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
      if result.exchanged { return }
      old = result.original
    }
  }
}

/// A count that many threads add to without a lock.
final class AtomicCount: Sendable {
  private let count = Atomic<UInt64>(0)

  /// What it is now.
  var value: UInt64 { count.load(ordering: .relaxed) }

  func add(_ amount: UInt64) { count.wrappingAdd(amount, ordering: .relaxed) }

  func reset() { count.store(0, ordering: .relaxed) }
}

import COrderFlow
import OrderFlow

extension Window {
  // MARK: Accumulators

  mutating func add(_ slot: Int32, _ item: UnsafeMutablePointer<Int64>) {
    let sum = sums + Int(slot) * accumulators.count
    for place in 0..<accumulators.count {
      switch accumulators[place] {
      case .sum(let value): sum[place] += Int128(item[2 + value])
      case .minimum(let value):
        if sum[place] != Window.stale, Int128(item[2 + value]) < sum[place] {
          sum[place] = Int128(item[2 + value])
        }
      case .maximum(let value):
        if sum[place] != Window.stale, Int128(item[2 + value]) > sum[place] {
          sum[place] = Int128(item[2 + value])
        }
      case .distinct(let value):
        // An absent text is no value; zero as a number is one.
        if item[2 + value] == 0, !valueFields[value].isInteger { continue }
        sum[place] += distinct.add(groups[Int(slot)].generation, place, item[2 + value])
      }
    }
  }

  /// An extreme whose order left the window: the new one is looked for when it is read.
  static var stale: Int128 { Int128.max }

  mutating func subtract(_ slot: Int32, _ item: UnsafeMutablePointer<Int64>) {
    let sum = sums + Int(slot) * accumulators.count
    for place in 0..<accumulators.count {
      switch accumulators[place] {
      case .sum(let value): sum[place] -= Int128(item[2 + value])
      case .minimum(let value), .maximum(let value):
        if Int128(item[2 + value]) == sum[place] { sum[place] = Window.stale }
      case .distinct(let value):
        if item[2 + value] == 0, !valueFields[value].isInteger { continue }
        sum[place] -= distinct.remove(groups[Int(slot)].generation, place, item[2 + value])
      }
    }
  }
}

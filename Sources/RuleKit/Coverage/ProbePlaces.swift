/// Finds the probe of a place in the text. What has a probe is in, around or beside whatever else has one.
struct ProbePlaces: Sendable {
  private struct Item: Sendable {
    var range: Range<Int>
    var probe: Int
    /// The item around; nil at the top.
    var parent: Int?
  }

  /// By where they begin, outer before inner.
  private var items: [Item] = []
  /// The probe of the nearest item around each that holds others, by probe.
  private var holders: [Int: Int] = [:]

  /// Takes things with their probes; of two with the same bytes the first is around the other. `isHolder` says of
  /// probes whether others are told to be in what they stand for.
  init(_ places: [(range: Range<Int>, probe: Int)], isHolder: [Int: Bool]) {
    let sorted = places.enumerated().sorted { left, right in
      let (first, second) = (left.element.range, right.element.range)
      return (first.lowerBound, -first.upperBound, left.offset)
        < (second.lowerBound, -second.upperBound, right.offset)
    }
    var open: [Int] = []
    for (range, probe) in sorted.map(\.element) {
      while let last = open.last, items[last].range.upperBound < range.upperBound { open.removeLast() }
      items.append(Item(range: range, probe: probe, parent: open.last))
      if let holder = open.last(where: { isHolder[items[$0].probe] == true }) {
        holders[probe] = holders[probe] ?? items[holder].probe
      }
      open.append(items.count - 1)
    }
  }

  /// The probe of the nearest thing that holds what a probe stands for.
  func holder(of probe: Int) -> Int? { holders[probe] }

  /// The probe of the smallest thing that holds all of some bytes.
  func innermost(around bytes: Range<Int>) -> Int? {
    var (low, high) = (0, items.count)
    while low < high {
      let middle = (low + high) / 2
      if items[middle].range.lowerBound <= bytes.lowerBound { low = middle + 1 } else { high = middle }
    }
    var at: Int? = low > 0 ? low - 1 : nil
    while let place = at {
      if items[place].range.upperBound >= bytes.upperBound { return items[place].probe }
      at = items[place].parent
    }
    return nil
  }
}

/// Finds a small part of a list that still has a property (Zeller and Hildebrandt, "Simplifying and Isolating
/// Failure-Inducing Input", 2002).
///
/// What comes out is minimal in that no single element can be left out, unless the tries ran out.
public struct DeltaDebugging {
  /// How often the property was looked for.
  public private(set) var tries = 0
  /// Whether the tries ran out before the part was minimal.
  public private(set) var ranOut = false
  private let most: Int

  /// With a limit of tries.
  public init(most: Int) { self.most = most }

  /// A part of `items`, in their order, for which `holds` is true; it must be true for all of them.
  public mutating func minimize(_ items: [Int], _ holds: ([Int]) throws -> Bool) rethrows -> [Int] {
    var items = items
    if !items.isEmpty, try look([], holds) { return [] }
    var parts = 2
    while items.count > 1, !ranOut {
      let chunks = DeltaDebugging.split(items, into: min(parts, items.count))
      if let found = try first(chunks, holds) {
        items = found
        parts = 2
      } else if chunks.count > 2, let found = try first(DeltaDebugging.complements(chunks), holds) {
        items = found
        parts = max(chunks.count - 1, 2)
      } else if chunks.count == items.count {
        break
      } else {
        parts = chunks.count * 2
      }
    }
    return items
  }

  private mutating func first(
    _ candidates: some Sequence<[Int]>, _ holds: ([Int]) throws -> Bool
  ) rethrows -> [Int]? {
    for candidate in candidates where try look(candidate, holds) { return candidate }
    return nil
  }

  private mutating func look(_ items: [Int], _ holds: ([Int]) throws -> Bool) rethrows -> Bool {
    if tries >= most {
      ranOut = true
      return false
    }
    tries += 1
    return try holds(items)
  }

  private static func split(_ items: [Int], into count: Int) -> [[Int]] {
    (0..<count).map { part in
      Array(items[(items.count * part / count)..<(items.count * (part + 1) / count)])
    }
  }

  private static func complements(_ chunks: [[Int]]) -> some Sequence<[Int]> {
    chunks.indices.lazy.map { left in
      chunks.enumerated().filter { $0.offset != left }.flatMap(\.element)
    }
  }
}

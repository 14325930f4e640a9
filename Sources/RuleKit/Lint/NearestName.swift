/// "Did you mean": the nearest of some names, as the engine finds it.
enum NearestName {
  /// ` (did you mean 'user'?)`, or nothing when no name is near.
  static func hint(_ name: String, _ known: some Sequence<String>) -> String {
    nearest(name, known).map { " (did you mean '\($0)'?)" } ?? ""
  }

  /// The nearest name: at most one edit for names up to three bytes, two for longer ones.
  static func nearest(_ name: String, _ known: some Sequence<String>) -> String? {
    var best: String?
    var limit = name.utf8.count <= 3 ? 2 : 3
    guard name.utf8.count < 64 else { return nil }
    for candidate in known where candidate != name && candidate.utf8.count < 64 {
      let edits = distance(Array(name.utf8), Array(candidate.utf8))
      if edits < limit { (best, limit) = (candidate, edits) }
    }
    return best
  }

  /// Edits from one to the other; two neighbours that changed places are one.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var before: [Int] = []
    var above = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(above[j] + (a[i] == b[j] ? 0 : 1), above[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, before[j - 1] + 1) }
        row.append(best)
      }
      (before, above) = (above, row)
    }
    return above[b.count]
  }
}

/// "Did you mean": the nearest name by edit distance, as rules get it for unknown fields.
public enum NearestName {
  /// The name at most two edits away (one for names of up to three letters), nil when none is.
  public static func nearest(_ name: String, of names: some Sequence<String>) -> String? {
    let bytes = Array(name.utf8)
    if bytes.count > 63 { return nil }
    var nearest = bytes.count <= 3 ? 2 : 3  // exclusive
    var best: String?
    for candidate in names {
      let edits = distance(bytes, Array(candidate.utf8))
      if edits < nearest {
        nearest = edits
        best = candidate
      }
    }
    return best
  }

  /// ` (did you mean 'user'?)`, or nothing when no name is near.
  public static func hint(_ name: String, of names: some Sequence<String>) -> String {
    nearest(name, of: names).map { " (did you mean '\($0)'?)" } ?? ""
  }

  /// The end of an error message: ` (did you mean 'rules'?)`, else what there is.
  public static func hintOrList(_ name: String, of names: [String]) -> String {
    if let near = nearest(name, of: names) { return " (did you mean '\(near)'?)" }
    return names.isEmpty ? "; there is none" : "; there is \(names.joined(separator: ", "))"
  }

  /// Levenshtein distance with neighbour transposition counted as one edit.
  private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if right.count > 63 { return 99 }
    var before: [Int] = []
    var above = Array(0...right.count)
    for i in 1..<(left.count + 1) {
      var row = [i]
      for j in 1..<(right.count + 1) {
        var best = min(above[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1), above[j] + 1, row[j - 1] + 1)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          best = min(best, before[j - 2] + 1)
        }
        row.append(best)
      }
      before = above
      above = row
    }
    return above[right.count]
  }
}

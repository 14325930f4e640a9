/// The output that a document shows, held against what a command printed.
///
/// A line `...` stands for any lines, and a line that ends in `…` for any end of the line. What differs from run
/// to run or with every change of the shipped rules is never compared: see `alike`.
struct ShownOutput {
  private let shown: [String]

  init(_ shown: [String]) { self.shown = ShownOutput.trimmed(shown) }

  /// The lines of a text without the empty ones at its end.
  static func trimmed(_ lines: [String]) -> [String] {
    var lines = lines
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  /// A line without what may be different: durations behind "in", what rules cost, and versions of rules.
  static func alike(_ line: String) -> String {
    line.replacing(/(rule set|version) [0-9a-f]{16}/) { "\($0.1) *" }
      .replacing(/\bin [\d.,]+ (µs|ms|s)\b/, with: "in *")
      .replacing(/\([\d,.]+\/s\)/, with: "(*/s)")
      .replacing(/^(\S+(?: +[\d,]+){3}) +\d+\.\d{3}$/) { "\($0.1) *" }
  }

  private static func fits(_ shown: String, _ printed: String) -> Bool {
    if shown == printed { return true }
    let (shown, printed) = (alike(shown), alike(printed))
    return shown == printed
      || (shown.count > 1 && shown.hasSuffix("…") && printed.hasPrefix(shown.dropLast()))
  }

  private static func fits(_ shown: ArraySlice<String>, _ printed: ArraySlice<String>) -> Bool {
    shown.count == printed.count && zip(shown, printed).allSatisfy { fits($0, $1) }
  }

  /// What is shown between the lines `...`, in which every line counts.
  private var parts: [ArraySlice<String>] {
    shown.split(separator: "...", omittingEmptySubsequences: false)
  }

  /// Whether what was printed is what is shown.
  func matches(_ printed: [String]) -> Bool {
    let printed = ShownOutput.trimmed(printed)
    let parts = parts
    guard parts.count > 1 else { return ShownOutput.fits(shown[...], printed[...]) }
    guard let first = parts.first, let last = parts.last, first.count + last.count <= printed.count,
      ShownOutput.fits(first, printed.prefix(first.count)),
      ShownOutput.fits(last, printed.suffix(last.count))
    else { return false }
    var rest = printed.dropFirst(first.count).dropLast(last.count)
    for part in parts.dropFirst().dropLast() {
      guard let place = ShownOutput.place(of: part, in: rest) else { return false }
      rest = rest[(place + part.count)...]
    }
    return true
  }

  /// The first place where a part stands.
  private static func place(of part: ArraySlice<String>, in lines: ArraySlice<String>) -> Int? {
    guard part.count <= lines.count else { return nil }
    return (lines.startIndex...(lines.endIndex - part.count)).first { place in
      fits(part, lines[place..<(place + part.count)])
    }
  }

  /// The lines in which both differ, at most a few, as a diff.
  func difference(_ printed: [String], limit: Int = 12) -> String {
    let printed = ShownOutput.trimmed(printed)
    let pairs = zip(shown, printed)
    let same = pairs.prefix { $0 != "..." && ShownOutput.fits($0, $1) }.count
    let ends = zip(shown.dropFirst(same).reversed(), printed.dropFirst(same).reversed())
    let after = ends.prefix { $0 != "..." && ShownOutput.fits($0, $1) }.count
    func list(_ mark: String, _ lines: ArraySlice<String>) -> [String] {
      let rest = lines.count - limit
      return lines.prefix(limit).map { "\(mark) \($0)" }
        + (rest > 0 ? ["\(mark) and \(rest) more lines"] : [])
    }
    let lines =
      list("-", shown.dropFirst(same).dropLast(after)) + list("+", printed.dropFirst(same).dropLast(after))
    return lines.joined(separator: "\n")
  }

  /// What the document should show: what was printed, with `...` and the lines that are still true kept.
  func rewritten(_ printed: [String]) -> [String] {
    let printed = ShownOutput.trimmed(printed)
    let parts = parts
    guard parts.count > 1, let first = parts.first, let last = parts.last,
      first.count + last.count <= printed.count
    else { return kept(printed[...]) }
    // Up to the line that it ended with, when that is still printed.
    let end = first.last.flatMap { line in printed.firstIndex { ShownOutput.fits(line, $0) } }.map { $0 + 1 }
    let head = min(end ?? first.count, printed.count - last.count)
    var result = kept(printed.prefix(head)) + ["..."]
    var rest = printed.dropFirst(head).dropLast(last.count)
    for part in parts.dropFirst().dropLast() {
      let place =
        ShownOutput.place(of: part, in: rest)
        ?? part.first.flatMap { line in rest.firstIndex { ShownOutput.fits(line, $0) } }
      guard let place, place + part.count <= rest.endIndex else { continue }
      result += kept(rest[place..<(place + part.count)]) + ["..."]
      rest = rest[(place + part.count)...]
    }
    return result + kept(printed.suffix(last.count))
  }

  /// Lines as they are shown where they fit, so that a rewritten document differs only where it must.
  private func kept(_ printed: ArraySlice<String>) -> [String] {
    printed.map { line in shown.first { ShownOutput.fits($0, line) } ?? line }
  }
}

/// Columns for people: as wide as their widest text, words to the left and figures to the right.
public struct TextTable {
  private let titles: [String]
  private let isFigure: [Bool]
  private var rows: [[String]] = []
  private var notes: [Int: [String]] = [:]

  /// Names the columns; those whose title begins with `>` hold figures.
  public init(_ titles: [String]) {
    isFigure = titles.map { $0.hasPrefix(">") }
    self.titles = titles.map { $0.hasPrefix(">") ? String($0.dropFirst()) : $0 }
  }

  /// Adds a row; a missing text is empty. What comes from outside is made safe here.
  public mutating func add(_ row: [String]) {
    rows.append(titles.indices.map { $0 < row.count ? TerminalText.line(row[$0]) : "" })
  }

  /// Adds a line below the last row.
  public mutating func note(_ text: String) {
    notes[rows.count, default: []].append("  " + TerminalText.line(text))
  }

  /// The lines, the titles first; none without rows.
  public var lines: [String] {
    if rows.isEmpty { return [] }
    let widths = titles.indices.map { column in
      max(titles[column].count, rows.map { $0[column].count }.max() ?? 0)
    }
    var result = [line(titles, widths)]
    for (place, row) in rows.enumerated() {
      result.append(line(row, widths))
      result.append(contentsOf: notes[place + 1] ?? [])
    }
    return result
  }

  private func line(_ row: [String], _ widths: [Int]) -> String {
    var text = ""
    for column in row.indices {
      let space = String(repeating: " ", count: max(0, widths[column] - row[column].count))
      text += (column > 0 ? "  " : "") + (isFigure[column] ? space + row[column] : row[column] + space)
    }
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }
}

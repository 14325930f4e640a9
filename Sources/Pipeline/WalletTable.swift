/// The watch list `rules/tables/wallets.csv`: a header `wallet,label`, then a wallet and its label a line.
enum WalletTable {
  /// Labels by wallet in lower case. Empty lines and lines that begin with `#` are skipped.
  static func parse(_ text: String, path: String) throws(RuleFolder.Failure) -> [String: String] {
    var result: [String: String] = [:]
    var hasHeader = false
    // Spreadsheets put a byte order mark in front.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (place, line) in lines.enumerated() {
      func failure(_ message: String) -> RuleFolder.Failure {
        RuleFolder.Failure(description: "\(path):\(place + 1): \(message)")
      }
      let fields = line.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false).map(trim)
      if fields[0].isEmpty && fields.count == 1 || fields[0].hasPrefix("#") { continue }
      guard fields.count == 2, !fields[0].isEmpty, !fields[1].isEmpty else {
        throw failure("a line is `wallet,label`")
      }
      if !hasHeader {
        hasHeader = true
        if fields == ["wallet", "label"] { continue }
        throw failure("the first line must be `wallet,label`")
      }
      let wallet = fields[0].lowercased()
      if let other = result[wallet], other != fields[1] {
        throw failure("\(wallet) has the label \(other) above and \(fields[1]) here; keep one")
      }
      result[wallet] = fields[1]
    }
    return result
  }

  private static func trim(_ field: Substring) -> String {
    var field = field
    while let last = field.last, last.isWhitespace || last == "\"" { field.removeLast() }
    while let first = field.first, first.isWhitespace || first == "\"" { field.removeFirst() }
    return String(field)
  }
}

/// Takes what may be a secret out of texts that come from the other side.
public struct Redactor: Sendable {
  /// Shorter pieces are words like `ws` or `v1`, not keys.
  static let shortest = 5

  /// Lower case, the longest first.
  private let secrets: [[UInt8]]

  /// Hides each of these texts, and no others, whatever its case.
  public init(_ secrets: [String]) {
    let distinct = Set(secrets.map { Redactor.lowercased(Array($0.utf8)) })
    self.secrets = distinct.filter { $0.count >= Redactor.shortest }.sorted { $0.count > $1.count }
  }

  /// One printable line of at most `limit` characters with `…` in place of each secret.
  ///
  /// - Parameter isCut: More bytes followed that are not here; a secret may be broken by the cut.
  public func line(_ bytes: some Sequence<UInt8>, limit: Int, isCut: Bool = false) -> String {
    var kept = Redactor.printable(String(decoding: Array(bytes), as: UTF8.self))
    if isCut { kept.removeLast(min(kept.count, secrets.first?.count ?? 0)) }
    let text = String(decoding: hide(kept), as: UTF8.self)
    return text.count > limit ? text.prefix(limit) + "…" : text
  }

  private func hide(_ bytes: [UInt8]) -> [UInt8] {
    let lower = Redactor.lowercased(bytes)
    var result: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if let secret = secrets.first(where: { lower[at...].starts(with: $0) }) {
        result += Array("…".utf8)
        at += secret.count
      } else {
        result.append(bytes[at])
        at += 1
      }
    }
    return result
  }

  /// Runs of white space and control characters become one blank.
  private static func printable(_ text: String) -> [UInt8] {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
        .spaceSeparator:
        if let last = result.last, last != " " { result.append(" ") }
      default:
        if scalar != "\u{FFFD}" { result.append(scalar) }
      }
    }
    if result.last == " " { result.removeLast() }
    return Array(String(result).utf8)
  }

  private static func lowercased(_ bytes: [UInt8]) -> [UInt8] {
    bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }
}

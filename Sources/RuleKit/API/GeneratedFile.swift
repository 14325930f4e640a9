/// A file that the program makes of its description of the API, and renews as long as nobody edited it.
///
/// Its first line names the version of the API and a checksum of the lines behind it.
public struct GeneratedFile: Equatable, Sendable {
  /// The whole text, first line included.
  public let text: String

  /// Puts the first line before a body; `comment` begins a comment of the file's language.
  init(_ body: String, comment: String, version: Int) {
    let sum = GeneratedFile.checksum(body)
    text = "\(comment) \(GeneratedFile.mark) API version \(version), checksum \(sum)\n\(body)"
  }

  /// Whether a text is a generated one that nobody edited since, of this or of another version.
  public static func isUnedited(_ text: some StringProtocol) -> Bool {
    guard let end = text.firstIndex(of: "\n") else { return false }
    let first = text[..<end]
    guard first.contains(mark), let sum = first.split(separator: " ").last else { return false }
    return sum == checksum(String(text[text.index(after: end)...]))
  }

  private static let mark = "Made by `betterbot init`, which renews it unless it was edited:"

  /// 64-bit FNV-1a, in hexadecimal: it tells edits, and is no protection against anybody.
  private static func checksum(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}

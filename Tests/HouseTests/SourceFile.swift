import Glibc
import Testing

/// One file of Sources, as the house rules look at it.
struct SourceFile: Sendable, CustomTestStringConvertible {
  /// Path below Sources, such as `RuleEngine/Window.swift`.
  var path: String
  /// Its lines as they are.
  var lines: [String]
  /// Its lines with the contents of comments and strings blanked out.
  var code: [String]

  var testDescription: String { path }
  /// The target it belongs to.
  var target: String { String(path.split(separator: "/").first ?? "") }
  /// Whether it is Swift.
  var isSwift: Bool { path.hasSuffix(".swift") }

  /// Every Swift and C file of the package's Sources, sorted by path.
  static let all: [SourceFile] = files(in: "").sorted { $0.path < $1.path }
  /// Those in Swift.
  static let swift = all.filter(\.isSwift)

  private static let sources: String = {
    #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Sources"
  }()

  private static func files(in folder: String) -> [SourceFile] {
    guard let directory = opendir(sources + "/" + folder) else { return [] }
    defer { closedir(directory) }
    var result: [SourceFile] = []
    while let entry = readdir(directory) {
      let name = String(
        cString: (UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0))
          .assumingMemoryBound(to: CChar.self))
      if name.hasPrefix(".") { continue }
      let path = folder.isEmpty ? name : folder + "/" + name
      if name.hasSuffix(".swift") || name.hasSuffix(".c") || name.hasSuffix(".h") {
        result.append(SourceFile(path: path, text: text(path)))
      } else {
        result += files(in: path)
      }
    }
    return result
  }

  private static func text(_ path: String) -> String {
    guard let file = fopen(sources + "/" + path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  /// Takes a text apart.
  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    code = SourceFile.blank(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// The text with comments and the insides of string literals as spaces; interpolations count as string.
  static func blank(_ text: String) -> String {
    var result: [Character] = []
    var rest = Substring(text)
    func copy(_ count: Int) {
      for character in rest.prefix(count) { result.append(character == "\n" ? "\n" : " ") }
      rest = rest.dropFirst(count)
    }
    while let character = rest.first {
      if rest.hasPrefix("//") {
        copy(rest.prefix { $0 != "\n" }.count)
      } else if rest.hasPrefix("/*") {
        let end = rest.firstRange(of: "*/")?.upperBound ?? rest.endIndex
        copy(rest.distance(from: rest.startIndex, to: end))
      } else if rest.hasPrefix("\"\"\"") {
        let body = rest.dropFirst(3)
        let end = body.firstRange(of: "\"\"\"")?.upperBound ?? body.endIndex
        copy(rest.distance(from: rest.startIndex, to: end))
      } else if character == "\"" {
        copy(1)
        while let next = rest.first, next != "\"", next != "\n" { copy(next == "\\" ? 2 : 1) }
        copy(1)
      } else {
        result.append(character)
        rest = rest.dropFirst()
      }
    }
    return String(result)
  }
}

/// Where goldens are, and what they are called.
public enum GoldenFile {
  /// The name of a test as the name of a file: `recorded burst` is `recorded-burst`.
  static func name(of test: String) -> String {
    var name = ""
    for character in test.lowercased() {
      if character.isASCII, character.isLetter || character.isNumber {
        name.append(character)
      } else if !name.isEmpty, !name.hasSuffix("-") {
        name.append("-")
      }
    }
    while name.hasSuffix("-") { name.removeLast() }
    return String(name.prefix(80))
  }

  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.count <= 80
      && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
  }

  /// Its path below the folder that holds `fixtures`.
  public static func path(rule: String, name: String) -> String { "fixtures/goldens/\(rule)/\(name).json" }
}

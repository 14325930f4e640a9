import Glibc

/// Files of the package, read as text.
enum ProjectFiles {
  /// The folder of the package: where this file is, three folders up.
  static var root: String {
    #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
  }

  /// The text of a file by its path in the package; empty when there is none.
  static func text(_ path: String) -> String {
    guard let file = fopen(root + "/" + path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  /// Names of the files in a folder of the package that end in `suffix`, sorted.
  static func names(in folder: String, suffix: String) -> [String] {
    guard let directory = opendir(root + "/" + folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = String(
        cString: (UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0))
          .assumingMemoryBound(to: CChar.self))
      if name.hasSuffix(suffix) { names.append(name) }
    }
    return names.sorted()
  }
}

/// Just enough JSON to read api.json.
indirect enum PlainJSON: Equatable {
  case null
  case boolean(Bool)
  case number(Int)
  case text(String)
  case list([PlainJSON])
  case object([String: PlainJSON])

  /// Parses a whole text; nil when it is not JSON, or has a number that is not an integer.
  init?(_ text: String) {
    var rest = Substring(text)
    guard let value = PlainJSON.value(&rest) else { return nil }
    PlainJSON.skipSpace(&rest)
    guard rest.isEmpty else { return nil }
    self = value
  }

  subscript(_ name: String) -> PlainJSON {
    if case .object(let members) = self { return members[name] ?? .null }
    return .null
  }

  var items: [PlainJSON] {
    if case .list(let items) = self { return items }
    return []
  }

  var string: String? {
    if case .text(let value) = self { return value }
    return nil
  }

  var integer: Int? {
    if case .number(let value) = self { return value }
    return nil
  }

  /// The texts of a list, or the names of a list of objects with a name.
  var names: [String] { items.compactMap { $0.string ?? $0["name"].string } }

  /// The names of an object's members, sorted.
  var keys: [String] {
    if case .object(let members) = self { return members.keys.sorted() }
    return []
  }

  private static func skipSpace(_ rest: inout Substring) { rest = rest.drop { " \n\t\r".contains($0) } }

  private static func take(_ word: String, _ rest: inout Substring) -> Bool {
    skipSpace(&rest)
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private static func value(_ rest: inout Substring) -> PlainJSON? {
    if take("{", &rest) { return object(&rest) }
    if take("[", &rest) { return list(&rest) }
    if take("\"", &rest) { return quoted(&rest).map { .text($0) } }
    if take("true", &rest) { return .boolean(true) }
    if take("false", &rest) { return .boolean(false) }
    if take("null", &rest) { return .null }
    let digits = rest.prefix { $0.isNumber || $0 == "-" }
    rest = rest.dropFirst(digits.count)
    return Int(digits).map { .number($0) }
  }

  private static func object(_ rest: inout Substring) -> PlainJSON? {
    var members: [String: PlainJSON] = [:]
    if take("}", &rest) { return .object(members) }
    repeat {
      guard take("\"", &rest), let name = quoted(&rest), take(":", &rest), let value = value(&rest) else {
        return nil
      }
      if members.updateValue(value, forKey: name) != nil { return nil }
    } while take(",", &rest)
    return take("}", &rest) ? .object(members) : nil
  }

  private static func list(_ rest: inout Substring) -> PlainJSON? {
    var items: [PlainJSON] = []
    if take("]", &rest) { return .list(items) }
    repeat {
      guard let value = value(&rest) else { return nil }
      items.append(value)
    } while take(",", &rest)
    return take("]", &rest) ? .list(items) : nil
  }

  private static func quoted(_ rest: inout Substring) -> String? {
    var text = ""
    while let character = rest.popFirst() {
      if character == "\"" { return text }
      guard character == "\\" else {
        text.append(character)
        continue
      }
      guard let escaped = rest.popFirst(), "\"\\/".contains(escaped) else { return nil }
      text.append(escaped)
    }
    return nil
  }
}

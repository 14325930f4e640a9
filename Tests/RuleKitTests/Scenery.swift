import Glibc

/// Numbers from a seed.
struct Dice {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  /// A number below a limit.
  mutating func roll(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(next() % UInt64(limit)) }

  /// One of several.
  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[roll(choices.count)] }
}

/// Files of the machine and the repository.
enum Scenery {
  static let root: String = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  static func bytes(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  /// Paths below a folder that end in something; `depth` bounds the search.
  static func files(below folder: String, ending: String, depth: Int = 12) -> [String] {
    guard depth > 0, let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      // An entry is as long as its name, so that copying all of `d_name` can read past the end of the list.
      guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return found }
      let type = Int32(entry.pointee.d_type)
      let name = String(cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self))
      if name == "." || name == ".." || name == ".build" || name == ".git" { continue }
      let path = folder == "/" ? "/" + name : folder + "/" + name
      if type == Int32(DT_DIR) {
        if path == "/proc" || path == "/sys" || path == "/dev" { continue }
        found += files(below: path, ending: ending, depth: depth - 1)
      } else if type == Int32(DT_REG), name.hasSuffix(ending) {
        found.append(path)
      }
    }
    return found.sorted()
  }

  /// What stands between ``` in the documents, and between """ in the tests of rules.
  static let embedded: [[UInt8]] = {
    var texts: [[UInt8]] = []
    let sources = files(below: root + "/Tests", ending: ".swift").map { ($0, "\"\"\"") }
    for (path, fence) in sources + files(below: root + "/docs", ending: ".md").map({ ($0, "```") }) {
      let text = String(decoding: bytes(path) ?? [], as: UTF8.self)
      var parts = text.split(separator: fence, omittingEmptySubsequences: false).map(String.init)
      parts = parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
      texts += parts.map { Array($0.drop { $0 != "\n" }.utf8) }
    }
    return texts
  }()

  /// The Lua files of the repository.
  static let rules: [[UInt8]] =
    (files(below: root + "/rules", ending: ".lua")
    + files(below: root + "/Benchmarks", ending: ".lua")).compactMap { bytes($0) }
}

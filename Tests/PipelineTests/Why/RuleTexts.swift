import Glibc

/// The texts of rules that stand in the tests and the documents.
enum RuleTexts {
  static let all: [[UInt8]] = {
    var texts: [[UInt8]] = []
    let tests = files(below: Workspace.root + "/Tests", ending: ".swift").map { ($0, "\"\"\"") }
    for (path, fence) in tests + files(below: Workspace.root + "/docs", ending: ".md").map({ ($0, "```") }) {
      guard let text = try? read(path) else { continue }
      let parts = text.split(separator: fence, omittingEmptySubsequences: false).map(String.init)
      for (place, part) in parts.enumerated() where place % 2 == 1 && part.contains("rule {") {
        texts.append(Array(part.drop { $0 != "\n" }.dropFirst().utf8))
      }
    }
    return texts
  }()

  private static func read(_ path: String) throws -> String {
    guard let stream = fopen(path, "re") else { return "" }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&block, 1, block.count, stream)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += block[..<count]
    }
  }

  private static func files(below folder: String, ending: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let isFolder = Int32(entry.pointee.d_type) == Int32(DT_DIR)
      let name = withUnsafeBytes(of: entry.pointee.d_name) {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name.hasPrefix(".") { continue }
      let path = folder + "/" + name
      if isFolder {
        found += files(below: path, ending: ending)
      } else if name.hasSuffix(ending) {
        found.append(path)
      }
    }
    return found.sorted()
  }
}

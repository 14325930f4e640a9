import Documents
import Feeds
import Glibc
import Pipeline

/// Reads `betterbot.yaml` into values that know their lines.
enum ConfigurationFile {
  /// More is no configuration.
  private static let maximumBytes = 1 << 20

  /// The file as a map; an empty one when it is missing and need not be there.
  static func read(_ path: String, isRequired: Bool) throws(PlacedProblem) -> PlacedValue {
    let empty = PlacedValue(.map([]), origin: path)
    if !isRequired, access(path, F_OK) != 0, errno == ENOENT { return empty }
    let bytes = try contents(path, limit: maximumBytes)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw PlacedProblem(path, "is not UTF-8 text")
    }
    return try YAMLText.parse(text, path: path)
  }

  /// The bytes of a small file.
  static func contents(_ path: String, limit: Int) throws(PlacedProblem) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw PlacedProblem("", "cannot open \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var result: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &block, block.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw PlacedProblem("", "cannot read \(path): \(String(cString: strerror(errno)))")
      }
      if count == 0 { return result }
      result.append(contentsOf: block[..<count])
      if result.count > limit { throw PlacedProblem("", "\(path) is over \(limit) bytes") }
    }
  }

  /// The ids of the rules in a folder; none when it cannot be read, which whoever loads them reports.
  static func ruleNames(_ folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = entry.entryName
      if name.hasSuffix(".lua"), !name.hasPrefix(".") { names.append(String(name.dropLast(4))) }
    }
    return names
  }
}

import Files
import Glibc

/// What the files that tests depend on look like from outside; it differs when one of them has changed.
public struct TestStamps: Equatable, Sendable {
  private var files: [String: SmallFile.Stamp] = [:]

  /// Nothing was looked at.
  init() {}

  /// The files of a rules folder, and the recordings and goldens beside it.
  public static func of(_ rules: String) -> TestStamps {
    var stamps = TestStamps()
    stamps.look(rules, depth: 2)
    stamps.look(TestFolder(rules: rules).resolve("fixtures"), depth: 3)
    return stamps
  }

  private mutating func look(_ path: String, depth: Int) {
    guard let folder = opendir(path) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = entry.entryName
      if name.hasPrefix(".") || files.count > 10_000 { continue }
      let file = path + "/" + name
      files[file] = SmallFile.stamp(file)
      if depth > 0 { look(file, depth: depth - 1) }
    }
  }
}

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
    // What editors leave beside the files for a moment is no change.
    stamps.look(rules, depth: 0) { RuleFileNames.counts($0, in: .rules) || $0.hasSuffix(TestFolder.ending) }
    for place in [RuleFileNames.Place.libraries, .tables] {
      stamps.look(place.path(in: rules), depth: 1) { RuleFileNames.counts($0, in: place) }
    }
    stamps.look(TestFolder(rules: rules).resolve("fixtures"), depth: 3)
    return stamps
  }

  private mutating func look(
    _ path: String, depth: Int, _ counts: (String) -> Bool = { _ in true }
  ) {
    guard let folder = opendir(path) else { return }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = entry.entryName
      if name.hasPrefix(".") || !counts(name) || files.count > 10_000 { continue }
      let file = path + "/" + name
      files[file] = SmallFile.stamp(file)
      if depth > 0 { look(file, depth: depth - 1) }
    }
  }
}

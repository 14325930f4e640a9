import Glibc
import Testing

/// Files of the package that tests read.
enum ProjectText {
  /// The text of a file by its path from the root.
  static func read(_ path: String) throws -> String {
    let file = try #require(fopen(Workspace.root + "/" + path, "re"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

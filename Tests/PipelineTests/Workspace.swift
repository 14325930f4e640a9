import Glibc
import Pipeline

/// A folder of its own for one test, gone with everything in it when the test is.
final class Workspace: Sendable {
  let path: String

  /// The folder of the package.
  static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()

  init() throws {
    var template = Array("/tmp/betterbot-pipeline-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(reason: "mkdtemp: \(errno)") }
    path = String(cString: made)
  }

  deinit { Workspace.remove(path) }

  /// Removes a file, or a folder with everything in it; a link and not what it leads to.
  private static func remove(_ path: String) {
    if unlink(path) == 0 { return }
    // A test may have locked it.
    chmod(path, 0o755)
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = entry.entryName
        if name != ".", name != ".." { remove(path + "/" + name) }
      }
      closedir(folder)
    }
    rmdir(path)
  }

  /// What is in the folder, hidden names too, sorted.
  func names() -> [String] { Workspace.names(in: path) }

  static func names(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      names.append(
        entry.entryName)
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a text, and makes the folders in front of its name.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try write(Array(text.utf8), to: name)
  }

  @discardableResult
  func write(_ bytes: [UInt8], to name: String) throws -> String {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o755)
    }
    let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure(reason: "\(name): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Failure(reason: "\(name): \(String(cString: strerror(errno)))") }
      done += count
    }
    return file(name)
  }

  struct Failure: Error {
    var reason: String
  }
}

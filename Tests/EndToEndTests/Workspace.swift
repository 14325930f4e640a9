import Glibc
import Pipeline
import Synchronization

/// A folder of its own for one test, with the shipped rules at `rules`, gone when the test is.
final class Workspace: Sendable {
  let path: String
  private let number = Mutex(0)

  init() throws {
    var template = Array("/tmp/betterbot-e2e-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(reason: "mkdtemp: \(errno)") }
    path = String(cString: made)
    guard symlink(Program.root + "/rules", path + "/rules") == 0 else {
      throw Failure(reason: "symlink: \(errno)")
    }
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

  /// Numbers the runs in this folder.
  func nextNumber() -> Int {
    number.withLock { number in
      number += 1
      return number
    }
  }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a text, and makes the folders in front of its name.
  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    var folder = path
    for part in name.split(separator: "/").dropLast() {
      folder += "/" + part
      mkdir(folder, 0o755)
    }
    guard let stream = fopen(file(name), "we") else { throw Failure(reason: "\(name): \(errno)") }
    defer { fclose(stream) }
    let bytes = Array(text.utf8)
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else {
      throw Failure(reason: "\(name): \(errno)")
    }
    return file(name)
  }

  /// A file's text; a name without a slash is one of this folder.
  func read(_ name: String) throws -> String {
    guard let stream = fopen(name.hasPrefix("/") ? name : file(name), "re") else {
      throw Failure(reason: "\(name): \(String(cString: strerror(errno)))")
    }
    defer { fclose(stream) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&block, 1, block.count, stream)
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += block[..<count]
    }
  }

  struct Failure: Error {
    var reason: String
  }
}

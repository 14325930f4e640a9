import Glibc

/// A directory of its own for one test, gone with everything in it when the test is.
final class TemporaryDirectory {
  let path: String

  init() throws {
    var template = Array("/tmp/betterbot-journal-XXXXXX\0".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(errno: errno) }
    path = String(cString: made)
  }

  deinit {
    if let directory = opendir(path) {
      while let entry = readdir(directory) {
        let name = String(
          cString: (UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0))
            .assumingMemoryBound(to: CChar.self))
        if name != ".", name != ".." { unlink(path + "/" + name) }
      }
      closedir(directory)
    }
    rmdir(path)
  }

  func file(_ name: String = "journal.db") -> String { path + "/" + name }

  func write(_ bytes: [UInt8], to name: String) throws {
    let descriptor = open(file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw Failure(errno: errno) }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Failure(errno: errno) }
      done += count
    }
  }

  func read(_ name: String) throws -> [UInt8] {
    let descriptor = open(file(name), O_RDONLY)
    guard descriptor >= 0 else { throw Failure(errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &chunk, chunk.count)
      guard count >= 0 else { throw Failure(errno: errno) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
  }

  func exists(_ name: String) -> Bool { access(file(name), F_OK) == 0 }

  struct Failure: Error {
    var errno: Int32
  }
}

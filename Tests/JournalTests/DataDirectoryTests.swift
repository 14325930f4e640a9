import Glibc
import Testing

@testable import Journal

@Suite("Data directory")
struct DataDirectoryTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  @Test(
    "a folder that is open to others is refused, with what to do", arguments: [0o755, 0o750, 0o701, 0o770])
  func folder(mode: UInt32) throws {
    let path = directory.file()
    try Journal(path: path).close()
    chmod(path, 0o600)
    chmod(directory.path, mode)
    let problem = try #require(DataDirectory.problem(journal: path))
    #expect(problem.hasSuffix("run: chmod 700 \(directory.path)"))
    #expect(DataDirectory.tighten(journal: path) == problem)
    #expect(self.mode(directory.path) == mode)
    chmod(directory.path, 0o700)
    #expect(DataDirectory.problem(journal: path) == nil)
  }

  @Test(
    "a file that others may read is refused, until it was closed", arguments: [0o644, 0o640, 0o604, 0o700])
  func file(mode: UInt32) throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    try journal.noteSeq(5)
    try journal.commit()
    for file in [path, path + "-wal", path + "-shm"] {
      chmod(file, mode)
      #expect(DataDirectory.problem(journal: path)?.hasSuffix("run: chmod 600 \(file)") == true)
      #expect(DataDirectory.tighten(journal: path) == nil)
      #expect(self.mode(file) == 0o600)
    }
    // SQLite gives a new log the mode of the file.
    try journal.close()
    let again = try Journal(path: path)
    try again.noteSeq(6)
    try again.commit()
    #expect(self.mode(path + "-wal") == 0o600 && DataDirectory.problem(journal: path) == nil)
  }

  @Test("what is stricter than needed is fine, and so is a journal that is not there yet")
  func strict() throws {
    let path = directory.file()
    #expect(DataDirectory.problem(journal: path) == nil)
    try Journal(path: path).close()
    chmod(path, 0o400)
    chmod(directory.path, 0o500)
    #expect(DataDirectory.problem(journal: path) == nil)
    chmod(directory.path, 0o700)
  }

  @Test("a link is judged by where it leads")
  func link() throws {
    let path = directory.file()
    try Journal(path: path).close()
    chmod(path, 0o600)
    let other = try TemporaryDirectory()
    symlink(path, other.file())
    chmod(directory.path, 0o755)
    #expect(DataDirectory.problem(journal: other.file())?.contains(directory.path) == true)
  }
}

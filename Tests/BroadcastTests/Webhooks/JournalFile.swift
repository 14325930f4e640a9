import Glibc
import Journal
import OrderFlow

/// A journal in a folder of its own, gone with everything in it when the test is.
final class JournalFile: Sendable {
  let folder: String
  var path: String { folder + "/journal.db" }

  init() throws {
    var template = Array("/tmp/betterbot-webhooks-XXXXXX\0".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure() }
    folder = String(cString: made)
  }

  deinit {
    chmod(folder, 0o700)
    for end in ["", "-wal", "-shm"] { unlink(path + end) }
    rmdir(folder)
  }

  /// Opens it for writing, closed to others.
  func open() throws -> Journal {
    let journal = try Journal(path: path, durability: .normal)
    _ = DataDirectory.tighten(journal: path)
    return journal
  }

  struct Failure: Error {}
}

/// A signal that no order triggered.
func signal(_ number: Int, rule: String = "sweep") -> Signal {
  Signal(
    id: Digest128(high: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, low: UInt64(number)), rule: rule,
    version: "v1",
    seq: Int64(number), time: 1_767_556_295_042, severity: .high, title: "signal \(number)")
}

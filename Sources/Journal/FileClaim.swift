import Glibc
import Synchronization

/// A connection's claim on a journal file: one writer at most, any number of readers.
///
/// The writer holds `flock` on a descriptor of the database file itself, so a second engine is refused in
/// any process; SQLite's own locks are of the other kind (`fcntl`) and do not meet it. But the kernel drops
/// all `fcntl` locks of a process on a file as soon as the process closes *any* descriptor of it. SQLite
/// would then believe that nobody has the file open, and another program could delete the write-ahead log
/// under us. So a descriptor is closed only when no claim of this process is left on its file.
final class FileClaim {
  /// The file as the user named it.
  let file: String
  /// The same file as an absolute path, so that SQLite takes no name for `:memory:` or a URI.
  let location: String
  private let identity: FileIdentity
  private let isWriter: Bool

  private struct Entry {
    var claims = 0
    var hasWriter = false
    var descriptors: [Int32] = []
  }

  private static let entries = Mutex<[FileIdentity: Entry]>([:])

  /// Claims a file for writing, and creates it when it is missing: for its owner alone, as secrets are in it.
  init(writing file: String) throws(JournalError) {
    try FileClaim.checkName(file)
    self.file = file
    isWriter = true
    identity = try FileClaim.entries.withLock { entries throws(JournalError) in
      try FileClaim.lock(file, &entries)
    }
    location = FileClaim.absolute(file)
  }

  /// Claims an existing file for reading; a writer elsewhere does not matter.
  init(reading file: String) throws(JournalError) {
    try FileClaim.checkName(file)
    guard let identity = FileIdentity(path: file) else {
      let reason = errno
      if reason != ENOENT && reason != ENOTDIR { throw FileClaim.cannotOpen(file, reason) }
      throw JournalError(
        code: .cannotOpen, file: file, message: "there is no such file; check the path")
    }
    guard identity.isRegular else { throw FileClaim.notRegular(file) }
    self.file = file
    self.identity = identity
    isWriter = false
    FileClaim.entries.withLock { $0[identity, default: Entry()].claims += 1 }
    location = FileClaim.absolute(file)
  }

  deinit {
    let identity = identity
    let isWriter = isWriter
    FileClaim.entries.withLock { entries in
      guard var entry = entries[identity] else { return }
      entry.claims -= 1
      if isWriter {
        entry.hasWriter = false
        // The descriptor may have to stay for the readers' sake; the lock goes now.
        for descriptor in entry.descriptors { _ = flock(descriptor, LOCK_UN) }
      }
      if entry.claims == 0 {
        for descriptor in entry.descriptors { close(descriptor) }
        entries[identity] = nil
      } else {
        entries[identity] = entry
      }
    }
  }

  private static func lock(
    _ file: String, _ entries: inout [FileIdentity: Entry]
  ) throws(JournalError) -> FileIdentity {
    if let known = FileIdentity(path: file) {
      guard known.isRegular else { throw notRegular(file) }
      if entries[known]?.hasWriter == true { throw inUse(file) }
    }
    let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw cannotOpen(file, errno) }
    guard let identity = FileIdentity(descriptor: descriptor) else {
      let reason = errno
      close(descriptor)
      throw cannotOpen(file, reason)
    }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let reason = errno
      if entries[identity] == nil {
        close(descriptor)
      } else {
        entries[identity]?.descriptors.append(descriptor)
      }
      throw reason == EWOULDBLOCK ? inUse(file) : cannotOpen(file, reason)
    }
    var entry = entries[identity] ?? Entry()
    entry.claims += 1
    entry.hasWriter = true
    entry.descriptors.append(descriptor)
    entries[identity] = entry
    return identity
  }

  private static func absolute(_ file: String) -> String {
    guard let resolved = realpath(file, nil) else { return file.hasPrefix("/") ? file : "./" + file }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func checkName(_ file: String) throws(JournalError) {
    if file.isEmpty {
      throw JournalError(code: .cannotOpen, file: "\"\"", message: "the file has no name; name one")
    }
    if file.utf8.contains(0) {
      let shown = String(file.prefix { $0 != "\0" })
      throw JournalError(
        code: .cannotOpen, file: shown, message: "the name contains a NUL; name another file")
    }
  }

  private static func inUse(_ file: String) -> JournalError {
    JournalError(
      code: .inUse, file: file,
      message: "another betterbot has this journal open; stop it, or name another file")
  }

  private static func notRegular(_ file: String) -> JournalError {
    JournalError(code: .cannotOpen, file: file, message: "is a directory or a device; name a file")
  }

  private static func cannotOpen(_ file: String, _ reason: Int32) -> JournalError {
    switch reason {
    case ENOENT, ENOTDIR:
      return JournalError(
        code: .cannotOpen, file: file,
        message: "there is no such file or directory; create the directory, or check the path")
    case EACCES, EPERM, EROFS:
      return JournalError(
        code: .readOnly, file: file,
        message: "the file may not be opened or written; check the permissions of the file and its directory")
    case EISDIR:
      return notRegular(file)
    case ENOSPC, EDQUOT:
      return JournalError(
        code: .diskFull, file: file, message: "the disk is full; free some space and try again")
    default:
      return JournalError(
        code: .cannotOpen, file: file,
        message: "the file cannot be opened or locked: \(String(cString: strerror(reason)))")
    }
  }
}

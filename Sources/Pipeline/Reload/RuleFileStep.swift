import Glibc

/// A step from one content of a file in a folder to another: nobody sees half of it, and it may be taken back.
struct RuleFileStep: Sendable {
  /// Why it was not made.
  struct Failure: Error, CustomStringConvertible {
    /// What was in the way.
    enum Code: Sendable {
      /// There is something else than a file, such as a link, which is not touched.
      case foreign
      /// Somebody else has changed the file.
      case moved
      /// The system's trouble: a full disk, a folder that cannot be written.
      case system
    }

    var code: Code
    /// One sentence for the user.
    var description: String
  }

  let folder: String
  let name: String
  /// What must be there before; nil: no file.
  let before: [UInt8]?
  /// What is there afterwards; nil: no file.
  let after: [UInt8]?

  /// The step back.
  var reversed: RuleFileStep { RuleFileStep(folder: folder, name: name, before: after, after: before) }

  private var path: String { folder + "/" + name }
  /// Hidden, so that no reading of the folder counts it.
  private var temporary: String { ".\(name).\(getpid()).tmp" }

  /// Makes it, on the disk when it returns. A file that is there already as it is to be stays. Blocks.
  func make() throws(Failure) {
    let directory = try openFolder()
    defer { close(directory) }
    let (isDone, mode) = try look(directory)
    if isDone { return }
    if let after {
      try write(after, mode ?? 0o644, directory, keepsMode: mode != nil)
      guard renameat(directory, temporary, directory, name) == 0 else {
        let code = errno
        unlinkat(directory, temporary, 0)
        throw failure("cannot write \(path)", code)
      }
    } else if unlinkat(directory, name, 0) != 0 {
      throw failure("cannot remove \(path)", errno)
    }
    // Some file systems cannot sync a folder, and say so.
    if fsync(directory) != 0, errno != EINVAL { throw failure("cannot sync \(folder)", errno) }
  }

  /// Throws what can be seen to stand in its way, without making it.
  func check() throws(Failure) {
    if before == after { return }
    let directory = try openFolder()
    defer { close(directory) }
    _ = try look(directory)
  }

  private func openFolder() throws(Failure) -> Int32 {
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if directory < 0 { throw failure("cannot open the rules folder \(folder)", errno) }
    return directory
  }

  /// Whether it is made already, and the permissions of the file, nil when there is none.
  private func look(_ directory: Int32) throws(Failure) -> (isDone: Bool, mode: mode_t?) {
    let mode = try mode(directory)
    let current = mode == nil ? nil : try contents(directory)
    if current == after { return (true, mode) }
    if current == before { return (false, mode) }
    throw Failure(
      code: .moved, description: "\(path) was changed by somebody else meanwhile: look at it and try again")
  }

  /// The permissions of the file, nil when there is none; throws when it is no file.
  private func mode(_ directory: Int32) throws(Failure) -> mode_t? {
    var status = stat()
    if fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 {
      if errno == ENOENT { return nil }
      throw failure("cannot look at \(path)", errno)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return status.st_mode & 0o777
    case S_IFLNK:
      throw Failure(
        code: .foreign, description: "\(path) is a link: what it leads to is changed there, not from here")
    default: throw Failure(code: .foreign, description: "\(path) is no file")
    }
  }

  private func contents(_ directory: Int32) throws(Failure) -> [UInt8] {
    let file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    if file < 0 { throw failure("cannot read \(path)", errno) }
    defer { close(file) }
    do throws(RuleFolder.Failure) {
      return try RuleFolder.contents(of: file, path)
    } catch {
      throw Failure(code: .system, description: error.description)
    }
  }

  /// Writes the temporary file, on the disk when it returns; none is left when it throws.
  private func write(
    _ bytes: [UInt8], _ mode: mode_t, _ directory: Int32, keepsMode: Bool
  ) throws(Failure) {
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    var file = openat(directory, temporary, flags, mode)
    if file < 0, errno == EEXIST {
      // A process that had our number has left it behind.
      unlinkat(directory, temporary, 0)
      file = openat(directory, temporary, flags, mode)
    }
    if file < 0 { throw failure("cannot write into \(folder)", errno) }
    var code: Int32 = 0
    if keepsMode, fchmod(file, mode) != 0 { code = errno }
    if code == 0 { code = RuleFileStep.write(bytes, to: file) }
    if code == 0, fsync(file) != 0 { code = errno }
    if close(file) != 0, code == 0 { code = errno }
    if code == 0 { return }
    unlinkat(directory, temporary, 0)
    throw failure("cannot write \(path)", code)
  }

  /// Writes all of it; the system's number of what went wrong, 0 when nothing did.
  private static func write(_ bytes: [UInt8], to file: Int32) -> Int32 {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      if count == 0 { return ENOSPC }
      done += count
    }
    return 0
  }

  private func failure(_ what: String, _ code: Int32) -> Failure {
    Failure(code: .system, description: "\(what): \(String(cString: strerror(code)))")
  }
}

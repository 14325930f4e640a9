import Glibc

/// Whether a journal's secrets, those of webhooks, are its owner's alone.
///
/// They stand in the file as they are, since deliveries are signed with them. So the folder must be closed to
/// others (0700), and the file too (0600).
public enum DataDirectory {
  /// What is wrong with where a journal lies, and what to do; nil when nothing is.
  public static func problem(journal: String) -> String? {
    if let problem = folderProblem(journal) { return problem }
    for file in files(journal) {
      guard let mode = mode(file) else { continue }
      if mode & 0o177 != 0 {
        return "\(file) may be read by others, and holds secrets of webhooks; run: chmod 600 \(file)"
      }
    }
    return nil
  }

  /// Closes the journal's file to others, and says what is wrong still.
  public static func tighten(journal: String) -> String? {
    if let problem = folderProblem(journal) { return problem }
    for file in files(journal) {
      // Whether it worked is seen by the look that follows.
      if let mode = mode(file), mode & 0o177 != 0 { _ = chmod(file, mode & 0o600) }
    }
    return problem(journal: journal)
  }

  private static func folderProblem(_ journal: String) -> String? {
    let folder = folder(journal)
    guard let mode = mode(folder) else { return "the folder \(folder) cannot be looked at" }
    if mode & 0o077 == 0 { return nil }
    return """
      the folder \(folder) is open to others, and the journal in it holds secrets of webhooks; \
      run: chmod 700 \(folder)
      """
  }

  /// The journal, and what SQLite keeps beside it with the same rows.
  private static func files(_ journal: String) -> [String] { ["", "-wal", "-shm"].map { journal + $0 } }

  private static func folder(_ journal: String) -> String {
    var path = journal
    if let resolved = realpath(journal, nil) {
      path = String(cString: resolved)
      free(resolved)
    }
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }
}

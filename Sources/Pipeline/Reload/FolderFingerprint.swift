import Glibc

/// What tells cheaply whether a rules folder is as it was: the files that count, and who, when and how large they
/// are. Nothing is opened.
struct FolderFingerprint: Equatable, Sendable {
  private struct Entry: Equatable {
    var name: String
    /// Zero for what is not there.
    var identity: FileIdentity
  }

  private struct FileIdentity: Equatable {
    var device: UInt64 = 0
    var inode: UInt64 = 0
    var mode: UInt32 = 0
    var size: Int64 = 0
    var modified: [Int] = []
    var changed: [Int] = []

    /// Of a file behind a path, links followed. A folder's times are left out: every temporary file moves them.
    init(_ path: String) {
      var status = stat()
      if stat(path, &status) != 0 { return }
      device = UInt64(status.st_dev)
      inode = UInt64(status.st_ino)
      mode = status.st_mode
      if status.st_mode & S_IFMT == S_IFDIR { return }
      size = Int64(status.st_size)
      modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
      changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }
  }

  private var resolved: String?
  private var entries: [Entry] = []

  /// Looks at a rules folder, its libraries and its tables.
  init(_ folder: String) {
    if let path = realpath(folder, nil) {
      resolved = String(cString: path)
      free(path)
    }
    for place in RuleFileNames.Place.allCases {
      let path = place.path(in: folder)
      entries.append(Entry(name: path, identity: FileIdentity(path)))
      for name in (try? RuleFolder.list(path, place)) ?? [] {
        entries.append(Entry(name: path + "/" + name, identity: FileIdentity(path + "/" + name)))
      }
    }
    let hold = folder + "/" + RuleFileNames.hold
    entries.append(Entry(name: hold, identity: FileIdentity(hold)))
  }
}

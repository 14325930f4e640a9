import Glibc

extension SmallFile {
  /// Makes a folder; one that is there is fine. True when it was not there.
  @discardableResult
  public static func makeFolder(_ path: String) throws(Failure) -> Bool {
    var folder = path.hasPrefix("/") ? "/" : ""
    var isNew = false
    for part in path.split(separator: "/") {
      folder += part + "/"
      isNew = mkdir(folder, 0o777) == 0
      if !isNew, errno != EEXIST {
        throw Failure(description: "\(path) cannot be made: \(String(cString: strerror(errno)))")
      }
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return isNew }
    throw Failure(description: "\(path) cannot be made: there is something else of that name")
  }

  /// Whether something has that name, be it a link that leads nowhere.
  public static func isTaken(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// Where links lead that a file is reached by, so that they stay when it is written anew.
  public static func target(of path: String) -> String {
    guard let resolved = realpath(path, nil) else { return path }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}

import Glibc

/// What makes a file the same file, whatever path leads to it.
struct FileIdentity: Hashable {
  private let device: UInt64
  private let inode: UInt64
  let isRegular: Bool

  /// The file a path leads to; nil, with `errno` set, when there is none.
  init?(path: String) {
    var information = stat()
    guard stat(path, &information) == 0 else { return nil }
    self.init(information)
  }

  /// The file behind an open descriptor; nil, with `errno` set, when it is not open.
  init?(descriptor: Int32) {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { return nil }
    self.init(information)
  }

  private init(_ information: stat) {
    device = UInt64(truncatingIfNeeded: information.st_dev)
    inode = UInt64(truncatingIfNeeded: information.st_ino)
    isRegular = information.st_mode & S_IFMT == S_IFREG
  }
}

import Glibc

/// Reads files that are small, whole.
public enum SmallFile {
  /// What is another one when a file is.
  public struct Stamp: Equatable, Sendable {
    private let device, inode: UInt64
    private let size, seconds, nanoseconds: Int

    fileprivate init(_ status: stat) {
      device = UInt64(truncatingIfNeeded: status.st_dev)
      inode = UInt64(truncatingIfNeeded: status.st_ino)
      size = Int(status.st_size)
      seconds = Int(status.st_mtim.tv_sec)
      nanoseconds = Int(status.st_mtim.tv_nsec)
    }
  }

  /// Why a file cannot be read, in words without its path.
  public struct Failure: Error, Equatable, CustomStringConvertible, Sendable {
    /// What is wrong, and what to do.
    public var description: String

    /// Says what is wrong.
    public init(description: String) { self.description = description }
  }

  /// The stamp of a file; nil when there is none.
  public static func stamp(_ path: String) -> Stamp? {
    var status = stat()
    return stat(path, &status) == 0 ? Stamp(status) : nil
  }

  /// What is in a regular file of at most `limit` bytes, and its stamp as of before the reading.
  public static func read(_ path: String, limit: Int) throws(Failure) -> (bytes: [UInt8], stamp: Stamp) {
    // A pipe would keep us waiting.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Failure(description: "it cannot be opened: \(text(errno))") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(description: "it is no regular file")
    }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while bytes.count <= limit {
      let count = Glibc.read(descriptor, &block, block.count)
      if count == 0 { return (bytes, Stamp(status)) }
      if count < 0 {
        if errno == EINTR { continue }
        throw Failure(description: "it cannot be read: \(text(errno))")
      }
      bytes += block[..<count]
    }
    throw Failure(description: "it is longer than \(limit) bytes")
  }

  /// Puts bytes in the place of a file at once, and makes the folders in front of its name.
  ///
  /// A file that was there keeps its permissions.
  public static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    var folder = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/").dropLast() {
      folder += part + "/"
      mkdir(folder, 0o777)
    }
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Failure(description: "\(path) cannot be written: \(text(errno))") }
    var code: Int32 = 0
    var status = stat()
    if stat(path, &status) == 0, fchmod(descriptor, status.st_mode & 0o7777) != 0 { code = errno }
    var written = 0
    while written < bytes.count, code == 0 {
      let count = bytes.withUnsafeBytes { raw in
        Glibc.write(descriptor, raw.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if count < 0 { code = errno == EINTR ? 0 : errno } else { written += count }
    }
    close(descriptor)
    if code == 0, rename(temporary, path) != 0 { code = errno }
    if code != 0 {
      unlink(temporary)
      throw Failure(description: "\(path) cannot be written: \(text(code))")
    }
  }

  private static func text(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

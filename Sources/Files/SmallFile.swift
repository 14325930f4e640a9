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

  private static func text(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

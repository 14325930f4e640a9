internal import CZlib
internal import Glibc

/// The bytes of a file or of standard input, unpacked when they are gzip.
///
/// Gzip is recognized by its first bytes, whatever the name.
public struct ByteSource: ~Copyable {
  /// How much is read from the system at a time.
  static let blockBytes = 1 << 18

  /// The input as the user named it.
  public let name: String
  /// Size of the file in bytes as it lies on the disk; nil for pipes and the like.
  public let totalBytes: Int64?
  /// Bytes read from the file so far, before unpacking; compare with `totalBytes` to show progress.
  public private(set) var bytesRead: Int64 = 0

  private let descriptor: Int32
  private let isOwned: Bool
  private var format = Format.unknown
  /// The first bytes, which were read to tell the format.
  private var lead: [UInt8] = []
  private var gzip: GzipReader?

  private enum Format {
    case unknown, plain, gzip
  }

  /// Opens a file; `-` is standard input.
  public init(path: String) throws(FeedError) {
    if path == "-" {
      try self.init(descriptor: STDIN_FILENO, name: "standard input", isOwned: false)
      return
    }
    let descriptor = ByteSource.retrying { open(path, O_RDONLY | O_CLOEXEC) }
    if descriptor < 0 {
      let advice = errno == ENOENT ? ": check the path" : ""
      throw FeedError(.cannotOpen, "cannot open \(path): \(ByteSource.errorText(errno))\(advice)")
    }
    try self.init(descriptor: Int32(truncatingIfNeeded: descriptor), name: path, isOwned: true)
  }

  /// Reads from an open descriptor, and closes it at the end when `isOwned`.
  public init(descriptor: Int32, name: String, isOwned: Bool) throws(FeedError) {
    var status = stat()
    let result = fstat(descriptor, &status)
    let kind = status.st_mode & S_IFMT
    self.descriptor = descriptor
    self.isOwned = isOwned
    self.name = name
    totalBytes = result == 0 && kind == S_IFREG ? Int64(status.st_size) : nil
    if result != 0 { throw FeedError(.cannotOpen, "cannot open \(name): \(ByteSource.errorText(errno))") }
    if kind == S_IFDIR {
      throw FeedError(.notAFile, "cannot read \(name): it is a directory; name the files in it")
    }
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
  }

  deinit {
    if isOwned { close(descriptor) }
  }

  /// Writes the next bytes into `space` and returns how many; 0 at the end.
  public mutating func read(into space: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int {
    if space.count == 0 { return 0 }
    if case .unknown = format { try detectFormat() }
    if case .gzip = format { return try readGzip(space) }
    if !lead.isEmpty {
      let count = min(lead.count, space.count)
      space.copyBytes(from: lead.prefix(count))
      lead.removeFirst(count)
      return count
    }
    return try readRaw(space)
  }

  /// Whether reading would not have to wait for whoever writes; waits at most so many milliseconds for that.
  ///
  /// Packed input counts as readable: some of it may have been read and not yet unpacked.
  func isReadable(withinMilliseconds limit: Int32) -> Bool {
    if totalBytes != nil || gzip != nil { return true }
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let count = poll(&request, 1, limit)
    return count > 0 || count < 0 && errno != EINTR
  }

  private mutating func detectFormat() throws(FeedError) {
    // A pipe may bring the two bytes one by one.
    while lead.count < 2 {
      var bytes: (UInt8, UInt8) = (0, 0)
      let wanted = 2 - lead.count
      let count = try withUnsafeMutableBytes(of: &bytes) { (space) throws(FeedError) -> Int in
        try readRaw(UnsafeMutableRawBufferPointer(rebasing: space.prefix(wanted)))
      }
      if count == 0 { break }
      lead.append(bytes.0)
      if count > 1 { lead.append(bytes.1) }
    }
    format = lead == [0x1F, 0x8B] ? .gzip : .plain
    if case .gzip = format {
      gzip = try GzipReader(name: name, lead: lead)
      lead = []
    }
  }

  private mutating func readGzip(_ space: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int {
    while true {
      if let count = try gzip?.unpack(into: space) { return count }
      guard let input = gzip?.input else { return 0 }
      let count = try readRaw(input)
      gzip?.accept(count)
    }
  }

  private mutating func readRaw(_ space: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int {
    let descriptor = descriptor
    let count = ByteSource.retrying { Glibc.read(descriptor, space.baseAddress, space.count) }
    if count < 0 {
      throw FeedError(
        .cannotRead, "cannot read \(name) after \(bytesRead) bytes: \(ByteSource.errorText(errno))")
    }
    bytesRead += Int64(count)
    return count
  }

  private static func retrying(_ call: () -> some BinaryInteger) -> Int {
    while true {
      let result = Int(call())
      if result >= 0 || errno != EINTR { return result }
    }
  }

  private static func errorText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

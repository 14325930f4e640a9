internal import CZlib
internal import Glibc

/// Packs bytes into a gzip file, the same bytes for the same input.
public struct GzipWriter: ~Copyable {
  /// Packed bytes written so far.
  public private(set) var packedBytes: Int64 = 0

  private let name: String
  private let descriptor: Int32
  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private let observe: (UnsafeRawBufferPointer) -> Void

  /// Packs into an open descriptor, which stays the caller's; `observe` sees every packed byte, in order.
  public init(
    descriptor: Int32, name: String, observe: @escaping (UnsafeRawBufferPointer) -> Void = { _ in }
  ) throws(FeedError) {
    self.name = name
    self.descriptor = descriptor
    self.observe = observe
    // zlib keeps a pointer to the stream, so it must not move.
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    buffer = .allocate(capacity: 1 << 16)
    // 15 bits of window, and 16 to ask for the gzip format, whose header then has no name and no time.
    let size = Int32(truncatingIfNeeded: MemoryLayout<z_stream>.size)
    let code = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
    if code != Z_OK { throw FeedError(.cannotWrite, "cannot pack \(name): zlib does not start") }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    buffer.deallocate()
  }

  /// Packs these bytes.
  public mutating func write(_ bytes: [UInt8]) throws(FeedError) {
    if !bytes.isEmpty { try pack(bytes, Z_NO_FLUSH) }
  }

  /// Writes what is held back and ends the file; nothing may be written after it.
  public mutating func finish() throws(FeedError) { try pack([], Z_FINISH) }

  private mutating func pack(_ bytes: [UInt8], _ flush: Int32) throws(FeedError) {
    // zlib only reads, but takes a pointer that could be written through: it gets a copy of its own.
    let input = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    defer { input.deallocate() }
    _ = input.update(from: bytes)
    stream.pointee.next_in = input.baseAddress
    stream.pointee.avail_in = UInt32(truncatingIfNeeded: bytes.count)
    while true {
      stream.pointee.next_out = buffer.baseAddress
      stream.pointee.avail_out = UInt32(truncatingIfNeeded: buffer.count)
      let code = deflate(stream, flush)
      try flushBuffer(buffer.count - Int(stream.pointee.avail_out))
      if code == Z_STREAM_END || flush == Z_NO_FLUSH && stream.pointee.avail_out > 0 { return }
      if code != Z_OK && code != Z_BUF_ERROR {
        throw FeedError(.cannotWrite, "cannot pack \(name): zlib says \(code)")
      }
    }
  }

  private mutating func flushBuffer(_ count: Int) throws(FeedError) {
    var start = 0
    while start < count {
      let written = Glibc.write(descriptor, buffer.baseAddress.map { $0 + start }, count - start)
      if written < 0 {
        if errno == EINTR { continue }
        throw FeedError(.cannotWrite, "cannot write \(name): \(String(cString: strerror(errno)))")
      }
      start += written
    }
    observe(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: buffer[..<count])))
    packedBytes += Int64(count)
  }
}

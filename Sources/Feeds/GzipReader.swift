internal import CZlib

/// Unpacks gzip data, of one member or several after another.
struct GzipReader: ~Copyable {
  private let name: String
  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableRawBufferPointer
  private var state = State.member
  private var isEnded = false

  private enum State {
    /// Inside a member.
    case member
    /// After the last byte of one; another may follow, or zeros that fill up a block.
    case between
  }

  /// Begins with bytes that were already read from the input named `name`.
  init(name: String, lead: [UInt8]) throws(FeedError) {
    self.name = name
    // zlib keeps a pointer to the stream, so it must not move.
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    buffer = .allocate(byteCount: ByteSource.blockBytes, alignment: 16)
    buffer.copyBytes(from: lead)
    // 15 bits of window, and 16 to ask for the gzip format.
    let size = Int32(truncatingIfNeeded: MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) == Z_OK else {
      throw FeedError(.cannotRead, "cannot unpack \(name): zlib does not start")
    }
    accept(lead.count)
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    buffer.deallocate()
  }

  /// Where the next packed bytes go; only after `unpack` returned nil.
  var input: UnsafeMutableRawBufferPointer { buffer }

  /// Takes `count` bytes that were put into `input`; 0 says that there are no more.
  mutating func accept(_ count: Int) {
    stream.pointee.next_in = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(truncatingIfNeeded: count)
    if count == 0 { isEnded = true }
  }

  /// Writes unpacked bytes into `space` and returns how many; 0 at the end, nil when it needs more input.
  mutating func unpack(into space: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int? {
    while true {
      if stream.pointee.avail_in == 0, !isEnded { return nil }
      if case .between = state, try !beginMember() {
        return stream.pointee.avail_in == 0 && !isEnded ? nil : 0
      }
      let wanted = UInt32(truncatingIfNeeded: min(space.count, 1 << 30))
      stream.pointee.next_out = space.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = wanted
      let result = inflate(stream, Z_NO_FLUSH)
      let count = Int(wanted - stream.pointee.avail_out)
      switch result {
      case Z_STREAM_END: state = .between
      case Z_OK, Z_BUF_ERROR: break
      default:
        if count > 0 { return count }
        throw FeedError(.corrupt, "\(name) is damaged: the gzip data is wrong\(detail)")
      }
      if count > 0 { return count }
      if isEnded, case .member = state {
        throw FeedError(.truncated, "\(name) is cut off: the gzip data ends too early; copy the file again")
      }
    }
  }

  /// Skips zeros between members; false when no member follows in the input that is there.
  private mutating func beginMember() throws(FeedError) -> Bool {
    while stream.pointee.avail_in > 0, let next = stream.pointee.next_in, next.pointee == 0 {
      stream.pointee.next_in = next + 1
      stream.pointee.avail_in -= 1
    }
    guard stream.pointee.avail_in > 0, let next = stream.pointee.next_in else { return false }
    guard next.pointee == 0x1F, inflateReset(stream) == Z_OK else {
      throw FeedError(.corrupt, "\(name) is damaged: there is something else after the gzip data")
    }
    state = .member
    return true
  }

  private var detail: String {
    guard let message = stream.pointee.msg else { return "" }
    return " (\(String(cString: message)))"
  }
}

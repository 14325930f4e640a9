import NIOCore

/// Where the bytes of a subscriber go; used on its event loop only.
protocol StreamSink {
  /// Whether it takes bytes at once.
  var isWritable: Bool { get }
  /// Sends bytes; only while it is writable.
  func send(_ bytes: ByteBuffer)
  /// Says why, where it can, and ends.
  func close(_ end: StreamEnd)
}

import Glibc
import Testing

@testable import Feeds

@Suite struct GzipWriterTests {
  /// What is read back from a file into which these pieces were packed.
  private func roundTrip(_ pieces: [[UInt8]]) throws -> (bytes: [UInt8], observed: Int, size: Int64) {
    var template = Array("/tmp/betterbot-gzip-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    let path = String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      close(descriptor)
      unlink(path)
    }
    final class Count { var bytes = 0 }
    let count = Count()
    var writer = try GzipWriter(descriptor: descriptor, name: path) { count.bytes += $0.count }
    for piece in pieces { try writer.write(piece) }
    try writer.finish()
    let size = writer.packedBytes
    var source = try ByteSource(path: path)
    var result: [UInt8] = []
    let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
    defer { block.deallocate() }
    while true {
      let read = try source.read(into: block)
      if read == 0 { break }
      result += block[..<read]
    }
    #expect(source.bytesRead == size)
    return (result, count.bytes, size)
  }

  @Test(
    "what is packed is read back", arguments: [[], [0], [1, 0, 7], [65_536, 1], [300_000, 300_000, 5]])
  func roundTrip(_ sizes: [Int]) throws {
    var state: UInt64 = 7
    let pieces = sizes.map { size in
      (0..<size).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1
        return UInt8(truncatingIfNeeded: state >> 60)
      }
    }
    let result = try roundTrip(pieces)
    #expect(result.bytes == pieces.flatMap { $0 })
    #expect(result.observed == Int(result.size) && result.size > 0)
  }

  @Test("a disk that takes no more is an error that names the file")
  func full() throws {
    let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
    defer { close(descriptor) }
    let error = #expect(throws: FeedError.self) {
      var writer = try GzipWriter(descriptor: descriptor, name: "a.gz")
      try writer.write([1])
      try writer.finish()
    }
    #expect(error?.code == .cannotWrite)
    #expect(error?.description == "cannot write a.gz: No space left on device")
  }

  @Test(
    "a feed is shown without what may be its key",
    arguments: [
      ("wss://h:1/KEY", "wss://h:1"), ("wss://u:KEY@h/x?k=KEY#KEY", "wss://h"), ("ws://h?KEY", "ws://h"),
      ("KEY", ""),
    ])
  func display(_ url: String, _ shown: String) {
    let feed = FeedSettings(name: "a", kind: .dome(DomeSettings(url: url, restURL: nil, key: "KEY")))
    #expect(feed.displaySource == shown)
  }
}

import TestSupport
import COrderFlow
import Feeds
import Glibc
import OrderFlow
import Testing
import Wire

@Suite struct FileFeedTests {
  @Test("a plain file gives its orders and knows its size")
  func plain() throws {
    let bytes = orderLines(0..<5000)
    let result = try readFile(bytes)
    #expect(result.hashes == hashes(0..<5000) && result.failure == nil)
    #expect(result.counters.bytes == UInt64(bytes.count))
    #expect(result.bytesRead == Int64(bytes.count) && result.totalBytes == Int64(bytes.count))
  }

  @Test("gzip is known by its bytes, not by its name, and one byte or none is no gzip")
  func packed() throws {
    let result = try readFile(gzip(orderLines(0..<3000)), name: "orders.txt")
    #expect(result.hashes == hashes(0..<3000) && result.failure == nil)
    #expect(result.bytesRead == result.totalBytes)
    #expect(try readFile(orderLines(0..<3), name: "orders.gz").hashes == hashes(0..<3))
    #expect(try readFile([]).failure == nil)
    #expect(try readFile([0x1F]).letters.count == 1)
  }

  @Test("gzip members after one another are one input, with an order across the seam and zeros at the end")
  func members() throws {
    let bytes = orderLines(0..<4000)
    let packed = gzip(Array(bytes[..<1234])) + gzip([]) + gzip(Array(bytes[1234...])) + [0, 0, 0, 0]
    let result = try readFile(packed)
    #expect(result.hashes == hashes(0..<4000) && result.failure == nil && result.letters.isEmpty)
  }

  @Test("gzip that is cut gives what can be read, then says that it is cut", arguments: [3, 11, 500, 20_000])
  func truncated(kept: Int) throws {
    var random = SplitMix(state: 3)
    let bytes = orderLines(0..<40_000).split(separator: 0x0A).shuffled(using: &random).joined(separator: [
      0x0A
    ])
    let packed = gzip(Array(bytes))
    try #require(packed.count > kept)
    let file = TemporaryFile(Array(packed.prefix(kept)))
    let result = readAll(try FileFeed(path: file.path))
    let failure = try #require(result.failure)
    #expect(failure.code == .truncated)
    #expect(
      failure.description == "\(file.path) is cut off: the gzip data ends too early; copy the file again")
    #expect(result.hashes.isEmpty == (kept < 500) && result.hashes.count < 40_000)
  }

  @Test("damaged gzip gives what comes before the damage, then says that it is damaged")
  func corrupt() throws {
    var packed = gzip(orderLines(0..<2000))
    packed[packed.count - 6] ^= 0x55
    let damaged = try readFile(packed)
    #expect(damaged.failure?.code == .corrupt && damaged.hashes == hashes(0..<2000))
    let followed = try readFile(gzip(orderLines(0..<9)) + Array("more".utf8))
    #expect(followed.failure?.code == .corrupt && followed.hashes == hashes(0..<9))
    #expect(followed.failure?.description.hasSuffix("there is something else after the gzip data") == true)
  }

  @Test(
    "a pipe is read like a file, plain or packed, however little comes at a time", arguments: [false, true])
  func pipe(isPacked: Bool) throws {
    var ends: [Int32] = [0, 0]
    try #require(Glibc.pipe(&ends) == 0)
    let bytes = isPacked ? gzip(orderLines(0..<300)) : orderLines(0..<300)
    let writer = ends[1]
    try withPipeWriter(writer, bytes) {
      let source = try ByteSource(descriptor: ends[0], name: "standard input", isOwned: true)
      let result = readAll(FileFeed(source))
      #expect(result.hashes == hashes(0..<300) && result.failure == nil && result.totalBytes == nil)
    }
  }

  /// Writes in pieces from a thread of its own while `body` reads.
  private func withPipeWriter(_ descriptor: Int32, _ bytes: [UInt8], _ body: () throws -> Void) rethrows {
    final class Job: Sendable {
      let descriptor: Int32
      let bytes: [UInt8]
      init(_ descriptor: Int32, _ bytes: [UInt8]) {
        self.descriptor = descriptor
        self.bytes = bytes
      }
    }
    var thread = pthread_t()
    let job = Unmanaged.passRetained(Job(descriptor, bytes))
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let job = Unmanaged<Job>.fromOpaque(argument).takeRetainedValue()
        var at = 0
        while at < job.bytes.count {
          let size = at < 5 ? 1 : 777
          let piece = Array(job.bytes[at..<min(at + size, job.bytes.count)])
          at += max(piece.withUnsafeBytes { write(job.descriptor, $0.baseAddress, $0.count) }, 1)
        }
        close(job.descriptor)
        return nil
      }, job.toOpaque())
    defer { pthread_join(thread, nil) }
    try body()
  }

  @Test("a missing file and a directory are refused with the name and what to do")
  func cannotOpen() {
    #expect(throws: FeedError.self) { _ = readAll(try FileFeed(path: "/nonexistent/orders.jsonl")) }
    do throws(FeedError) {
      _ = readAll(try FileFeed(path: "/nonexistent/orders.jsonl"))
    } catch {
      #expect(error.code == .cannotOpen)
      #expect(
        error.description
          == "cannot open /nonexistent/orders.jsonl: No such file or directory: check the path")
    }
    do throws(FeedError) {
      _ = readAll(try FileFeed(path: "/tmp"))
      Issue.record("a directory was opened")
    } catch {
      #expect(error.code == .notAFile)
      #expect(error.description == "cannot read /tmp: it is a directory; name the files in it")
    }
  }

  @Test("dead letters carry the name of the file")
  func source() throws {
    let file = TemporaryFile(Array("{\n".utf8) + orderLines(0..<1))
    let result = readAll(try FileFeed(path: file.path))
    #expect(result.letters.map(\.source) == [file.path] && result.letters.map(\.line) == [1])
    #expect(result.hashes == hashes(0..<1))
  }
}

/// A generator of test data that gives the same numbers in every run (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

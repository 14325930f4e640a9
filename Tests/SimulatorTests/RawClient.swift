import NIOCore
import NIOPosix

/// A client that sends bytes as it likes, which libraries would not.
struct RawClient {
  /// What went wrong in a test of the server.
  struct Failure: Error { var reason: String }

  private var bytes: [UInt8] = []
  /// Frames that came with an earlier one.
  private var frames: ArraySlice<Frame> = []
  // Only the task that talks uses it.
  nonisolated(unsafe) private var iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
  private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>

  /// Connects, lets `body` talk, and closes; after twenty seconds it is closed whatever happens.
  static func talk<Result: Sendable>(
    to port: Int, reads: Bool = true, _ body: @escaping @Sendable (inout RawClient) async throws -> Result
  ) async throws -> Result {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: reads)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    let timer = channel.channel.eventLoop.scheduleTask(in: .seconds(20)) { [raw = channel.channel] in
      raw.close(promise: nil)
    }
    defer { timer.cancel() }
    return try await channel.executeThenClose { inbound, outbound in
      var client = RawClient(iterator: inbound.makeAsyncIterator(), outbound: outbound)
      return try await body(&client)
    }
  }

  private init(
    iterator: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
    outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
  ) {
    self.iterator = iterator
    self.outbound = outbound
  }

  func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

  /// Sends a frame masked with zeros.
  func send(frame kind: UInt8, _ payload: [UInt8]) async throws {
    precondition(payload.count < 65_536)
    let length =
      payload.count < 126
      ? [UInt8(payload.count) | 0x80] : [254, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    try await send([kind] + length + [0, 0, 0, 0] + payload)
  }

  func send(text: String) async throws { try await send(frame: 0x81, Array(text.utf8)) }

  /// Asks for a WebSocket and returns the head of the answer.
  mutating func handshake(_ path: String = "/k") async throws -> String {
    try await send(
      Array(
        """
        GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
        """.utf8))
    return try await head()
  }

  /// Makes a request and returns the head and the body of the answer.
  mutating func get(_ target: String) async throws -> (head: String, body: [UInt8]) {
    try await send(Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
    let head = try await head()
    guard let match = head.firstMatch(of: /content-length: (\d+)/), let count = Int(match.1) else {
      throw Failure(reason: "no length in \(head)")
    }
    while bytes.count < count { try await read() }
    defer { bytes.removeFirst(count) }
    return (head, Array(bytes[..<count]))
  }

  /// The head of an answer, up to the empty line.
  mutating func head() async throws -> String {
    while true {
      if let end = String(decoding: bytes, as: UTF8.self).firstRange(of: "\r\n\r\n") {
        let text = String(decoding: bytes, as: UTF8.self)[..<end.upperBound]
        bytes.removeFirst(text.utf8.count)
        return String(text)
      }
      try await read()
    }
  }

  /// The next frame.
  mutating func frame() async throws -> Frame {
    while true {
      if frames.isEmpty { frames = Frame.take(from: &bytes)[...] }
      if let first = frames.popFirst() { return first }
      try await read()
    }
  }

  /// Whether the other side ends the stream; throws what the system says when it is reset.
  mutating func isEnded() async throws -> Bool {
    while let more = try await iterator.next() { bytes += Array(more.readableBytesView) }
    return true
  }

  private mutating func read() async throws {
    guard let more = try await iterator.next() else { throw Failure(reason: "the stream ended") }
    bytes += Array(more.readableBytesView)
  }
}

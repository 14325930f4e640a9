import NIOCore
import NIOPosix
import NIOSSL

/// A client in plain bytes.
final class RawClient {
  let channel: any Channel
  private var bytes: AsyncStream<ByteBuffer>.AsyncIterator
  private(set) var buffer: [UInt8] = []

  private init(_ channel: any Channel, _ bytes: AsyncStream<ByteBuffer>) {
    self.channel = channel
    self.bytes = bytes.makeAsyncIterator()
  }

  /// Connects to a port of this machine. A client that does not read takes nothing from its socket.
  static func connect(_ port: Int, tls: NIOSSLContext? = nil, reads: Bool = true) async throws -> RawClient {
    let (bytes, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .channelOption(.autoRead, value: reads)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          if let tls {
            try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
          }
          try pipeline.addHandler(Receiver(feed))
        }
      }
      .connect(host: "127.0.0.1", port: port).get()
    return RawClient(channel, bytes)
  }

  private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    let feed: AsyncStream<ByteBuffer>.Continuation

    init(_ feed: AsyncStream<ByteBuffer>.Continuation) { self.feed = feed }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { feed.yield(unwrapInboundIn(data)) }
    func channelInactive(context: ChannelHandlerContext) { feed.finish() }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }

  func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
  func write(_ text: String) async throws { try await write(Array(text.utf8)) }
  func close() async { try? await channel.close() }

  /// False at the end.
  private func more() async -> Bool {
    guard let next = await bytes.next(isolation: #isolation) else { return false }
    buffer += next.readableBytesView
    return true
  }

  private func take(_ count: Int) async throws -> [UInt8] {
    while buffer.count < count {
      guard await more() else { throw CancellationError() }
    }
    defer { buffer.removeFirst(count) }
    return Array(buffer.prefix(count))
  }

  /// All that comes until the server closes.
  func toEnd() async -> String {
    while await more() {}
    return String(decoding: buffer, as: UTF8.self)
  }

  /// The head of an answer, without the empty line.
  func head() async throws -> String {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = buffer.firstRange(of: end) {
        let head = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
        buffer.removeSubrange(..<range.upperBound)
        return head
      }
      guard await more() else { throw CancellationError() }
    }
  }

  /// An answer with a length: its status line and its body.
  func answer() async throws -> [String] {
    let lines = try await head().split(separator: "\r\n")
    let length = lines.compactMap { line in
      line.lowercased().hasPrefix("content-length: ") ? Int(line.dropFirst(16)) : nil
    }
    return [String(lines[0]), String(decoding: try await take(length.first ?? 0), as: UTF8.self)]
  }

  /// The next frame of the server: its kind and its payload.
  func frame() async throws -> (opcode: UInt8, payload: [UInt8]) {
    let start = try await take(2)
    var count = Int(start[1])
    if count >= 126 { count = try await take(count == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) } }
    return (start[0] & 0x0F, try await take(count))
  }

  /// The next frame as text, like `1 hello` or `8 1000 bye`.
  func words() async throws -> String {
    let (opcode, payload) = try await frame()
    guard opcode == 8, payload.count >= 2 else {
      return "\(opcode) \(String(decoding: payload, as: UTF8.self))"
    }
    let code = Int(payload[0]) << 8 | Int(payload[1])
    return "8 \(code) \(String(decoding: payload[2...], as: UTF8.self))"
  }

  /// A request for a WebSocket.
  static func handshake(
    _ path: String = "/ws", version: String = "13", key: String = "dGhlIHNhbXBsZSBub25jZQ=="
  )
    -> String
  {
    "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
      + "Sec-WebSocket-Version: \(version)\r\nSec-WebSocket-Key: \(key)\r\n\r\n"
  }

  static func get(_ path: String = "/", _ fields: String = "") -> String {
    "GET \(path) HTTP/1.1\r\nHost: localhost\r\n\(fields)\r\n"
  }
}

import Net
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

/// Runs `script` for each connection to a port of this machine while `body` runs.
@discardableResult
func withServer<Result>(
  tls: NIOSSLContext? = nil, _ script: @escaping @Sendable (Peer) async throws -> Void,
  _ body: (Int) async throws -> Result
) async throws -> Result {
  let connections = Mutex<[Task<Void, Never>]>([])
  let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
    .serverChannelOption(.backlog, value: 256)
    .childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture {
        if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
        let handler = PeerHandler { bytes in
          let task = Task {
            // What a script meets is shown by what the client sees.
            try? await script(Peer(bytes, channel))
            try? await channel.close()
          }
          connections.withLock { $0.append(task) }
        }
        try channel.pipeline.syncOperations.addHandler(handler)
      }
    }
    .bind(host: "127.0.0.1", port: 0).get()
  let result: Swift.Result<Result, any Error>
  do { result = .success(try await body(server.localAddress?.port ?? 0)) } catch { result = .failure(error) }
  try await server.close()
  for task in connections.withLock({ $0 }) {
    task.cancel()
    await task.value
  }
  return try result.get()
}

/// Hands the bytes of a connection on, from its first moment.
private final class PeerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let (bytes, feed) = AsyncStream.makeStream(of: ByteBuffer.self)
  private let start: (AsyncStream<ByteBuffer>) -> Void

  init(_ start: @escaping (AsyncStream<ByteBuffer>) -> Void) { self.start = start }

  func channelActive(context: ChannelHandlerContext) { start(bytes) }
  func channelRead(context: ChannelHandlerContext, data: NIOAny) { feed.yield(unwrapInboundIn(data)) }
  func channelInactive(context: ChannelHandlerContext) { feed.finish() }
  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// An endpoint at such a server, without the proxies of the environment.
func endpoint(_ port: Int, scheme: String = "ws", host: String = "127.0.0.1", path: String = "/feed") throws
  -> WebSocketEndpoint
{
  var endpoint = try WebSocketEndpoint(url: "\(scheme)://\(host):\(port)\(path)")
  endpoint.proxy = ProxySettings(environment: [:])
  return endpoint
}

/// How connecting, or the body, fails; nil when it does not.
func failure(
  _ endpoint: WebSocketEndpoint, _ body: (WebSocketConnection) async throws -> Void = { _ in }
) async -> WebSocketError? {
  do {
    try await WebSocketClient.connect(endpoint, body)
    return nil
  } catch {
    return error as? WebSocketError
  }
}

/// The text of a message.
func text(_ message: ByteBuffer?) -> String? { message.map { String(buffer: $0) } }

/// Takes the next message, which is to have this text; nil: the orderly end.
func expectNext(
  _ connection: WebSocketConnection, _ expected: String?, at place: SourceLocation = #_sourceLocation
) async throws {
  let message = text(try await connection.next())
  #expect(message == expected, sourceLocation: place)
}

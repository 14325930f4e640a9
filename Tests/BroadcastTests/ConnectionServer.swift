import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import ServiceLifecycle
import Synchronization
import Testing

@testable import Broadcast

/// A server on the stack of connections: `/` says hello, `/echo` says the body, `/stream` answers for a while,
/// `/ws` is a WebSocket that echoes.
final class ConnectionServer: Sendable {
  let connections: ConnectionCounter<ClientAddress>
  let limits: RequestLimits
  private let seen = Mutex<(peers: [WebSocketPeer], ends: [WebSocketEnd])>(([], []))
  let port: Int

  private init(_ connections: ConnectionCounter<ClientAddress>, _ limits: RequestLimits, _ port: Int) {
    self.connections = connections
    self.limits = limits
    self.port = port
  }

  /// The WebSockets that were opened.
  var peers: [WebSocketPeer] { seen.withLock { $0.peers } }
  /// How they ended.
  var ends: [WebSocketEnd] { seen.withLock { $0.ends } }

  /// Runs a server while `body` runs; then stops it as a signal would, and waits until it has.
  static func run(
    limits: RequestLimits = .init(), maximumEach: Int = 100, tls: TLSConfiguration? = nil,
    _ body: @Sendable (ConnectionServer) async throws -> Void,
    afterwards: @Sendable () async throws -> Void = {}
  ) async throws {
    let connections = ConnectionCounter<ClientAddress>(maximum: 1_000, maximumEach: maximumEach)
    let state = Mutex<ConnectionServer?>(nil)
    let (ports, feed) = AsyncStream.makeStream(of: Int.self)
    let configuration = SocketChannel.Configuration(limits: limits, connections: connections) {
      head, channel in
      ConnectionServer.decide(head, channel) { state.withLock { $0 } }
    }
    let builder = HTTPServerBuilder { SocketChannel(responder: $0, configuration: configuration) }
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let app = Application(
      router: router(), server: try tls.map { try .tls(builder, tlsConfiguration: $0) } ?? builder,
      configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { feed.yield($0.localAddress?.port ?? 0) }, logger: logger)
    let group = ServiceGroup(configuration: .init(services: [app], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      guard let port = await iterator.next() else { return }
      let server = ConnectionServer(connections, limits, port)
      state.withLock { $0 = server }
      do { try await body(server) } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
      await group.triggerGracefulShutdown()
      try await afterwards()
      try await tasks.waitForAll()
    }
    #expect(connections.total == 0)
  }

  private static func router() -> Router<BasicRequestContext> {
    let router = Router()
    router.get("/") { _, _ in "hello" }
    router.post("/echo") { request, _ in
      String(buffer: try await request.body.collect(upTo: 1 << 20))
    }
    router.get("/stream") { _, _ in
      Response(
        status: .ok,
        body: .init { writer in
          for part in 0..<6 {
            try await Task.sleep(for: .milliseconds(100))
            try await writer.write(ByteBuffer(string: "\(part)"))
          }
          try await writer.finish(nil)
        })
    }
    return router
  }

  private static func decide(
    _ head: HTTPRequestHead, _ channel: any Channel, _ server: @escaping @Sendable () -> ConnectionServer?
  ) -> EventLoopFuture<UpgradeDecision> {
    switch head.uri {
    case "/ws":
      var settings = WebSocketSettings()
      settings.maximumMessageBytes = 100_000
      let limits = settings
      return channel.eventLoop.makeSucceededFuture(
        .accept(headers: ["x-more": "yes"], settings: limits) { peer in
          let server = server()
          server?.seen.withLock { $0.peers.append(peer) }
          return WebSocketEvents(
            onMessage: { message in
              switch message {
              case .text(let bytes): peer.send(Frame.text(utf8: bytes))
              case .binary(let bytes): peer.send(Frame.binary(bytes))
              }
            },
            onEnd: { end in server?.seen.withLock { $0.ends.append(end) } })
        })
    case "/late":
      // After the server's limit.
      return channel.eventLoop.scheduleTask(in: .milliseconds(150)) {
        UpgradeDecision.accept { peer in
          server()?.seen.withLock { $0.peers.append(peer) }
          return WebSocketEvents()
        }
      }.futureResult
    case "/failed": return channel.eventLoop.makeFailedFuture(CancellationError())
    default: return channel.eventLoop.makeSucceededFuture(.passOn)
    }
  }
}

/// Waits until something is so, for at most ten seconds.
func eventually(_ condition: () -> Bool) async throws {
  for _ in 0..<1_000 {
    if condition() { return }
    try await Task.sleep(for: .milliseconds(10))
  }
  Issue.record("it never became so")
}

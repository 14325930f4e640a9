import Broadcast
import Glibc
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1

/// Answers every WebSocket message with itself, on the stack of the server. Built for `make conformance` only.
@main
struct EchoServer {
  static func main() async throws {
    var settings = WebSocketSettings()
    // The largest message of the suite has 16 MiB.
    settings.maximumMessageBytes = 32 << 20
    let limits = settings
    let configuration = SocketChannel.Configuration(
      connections: ConnectionCounter(maximum: 1000, maximumEach: 1000)
    ) { _, channel in
      channel.eventLoop.makeSucceededFuture(
        .accept(settings: limits) { peer in
          WebSocketEvents(onMessage: { message in
            switch message {
            case .text(let bytes): peer.send(Frame.text(utf8: bytes))
            case .binary(let bytes): peer.send(Frame.binary(bytes))
            }
          })
        })
    }
    let router = Router()
    router.get("/") { _, _ in "An echo: connect with a WebSocket.\n" }
    let app = Application(
      router: router,
      server: HTTPServerBuilder { responder in
        SocketChannel(responder: responder, configuration: configuration)
      },
      configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { channel in
        print("listening on 127.0.0.1:\(channel.localAddress?.port ?? 0)")
        fflush(nil)
      })
    try await app.runService()
  }
}

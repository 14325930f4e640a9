import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server of this machine that webhooks are sent to.
final class WebhookReceiver: Sendable {
  /// What was posted.
  struct Request: Sendable {
    var path: String
    var headers: HTTPHeaders
    var body: [UInt8]
  }

  /// What to answer to a request, of whose path so many came before; nil: nothing, until the client gives up.
  typealias Answer = @Sendable (Request, Int) -> (status: Int, headers: HTTPHeaders)?

  private let log: Log
  private let channel: any Channel
  let port: Int

  /// Everything that came, in order.
  var requests: [Request] { log.requests.withLock { $0 } }

  /// Starts to listen.
  init(_ answer: @escaping Answer = { _, _ in (200, [:]) }) async throws {
    let log = Log()
    self.log = log
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(
            Handler { request in
              let before = log.requests.withLock { requests in
                requests.append(request)
                return requests.count { $0.path == request.path } - 1
              }
              return answer(request, before)
            })
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  func url(_ path: String = "/hook") -> String { "http://127.0.0.1:\(port)\(path)" }

  func close() async throws { try await channel.close() }

  private final class Log: Sendable {
    let requests = Mutex<[Request]>([])
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: (Request) -> (status: Int, headers: HTTPHeaders)?
    private var request = Request(path: "", headers: [:], body: [])

    init(_ answer: @escaping (Request) -> (status: Int, headers: HTTPHeaders)?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): request = Request(path: head.uri, headers: head.headers, body: [])
      case .body(let bytes): request.body += bytes.readableBytesView
      case .end:
        guard let (status, given) = answer(request) else { return }
        var headers = given
        headers.add(name: "Content-Length", value: "0")
        let head = HTTPResponseHead(
          version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
      }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
  }
}

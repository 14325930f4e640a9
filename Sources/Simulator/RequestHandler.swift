internal import NIOCore
internal import NIOHTTP1

/// Answers the HTTP requests of one connection, those that were refused as WebSockets among them.
final class RequestHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  static let name = "requests"

  private let hub: Hub
  private var head: HTTPRequestHead?

  init(hub: Hub) { self.hub = hub }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      answer(head, context)
    }
  }

  /// A refused upgrade comes as an error before the request itself comes here.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is HTTPParserError { context.close(promise: nil) }
  }

  private func answer(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    let response: RESTResponse
    if head.headers["upgrade"].contains(where: { $0.lowercased() == "websocket" }) {
      response = hub.refusal(of: head.uri) ?? .bad("this is no valid WebSocket handshake")
    } else if head.method == .GET {
      response = hub.answer(
        RESTRequest(target: head.uri, authorization: head.headers.first(name: "authorization")))
    } else {
      response = RESTResponse(status: 405, code: "method_not_allowed", message: "only GET is known here")
    }
    var headers = HTTPHeaders([
      ("content-type", "application/json"), ("content-length", String(response.body.count)),
    ])
    if let seconds = response.retryAfter { headers.add(name: "retry-after", value: String(seconds)) }
    let keepsAlive = head.isKeepAlive
    if !keepsAlive { headers.add(name: "connection", value: "close") }
    let answer = HTTPResponseHead(
      version: head.version, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
    context.write(wrapOutboundOut(.head(answer)), promise: nil)
    let body = context.channel.allocator.buffer(bytes: response.body)
    context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    if !keepsAlive { context.close(promise: nil) }
  }
}

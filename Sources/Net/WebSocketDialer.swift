internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket

/// The way to an open WebSocket: TCP, a proxy where there is one, TLS, and the handshake.
struct WebSocketDialer {
  private let endpoint: WebSocketEndpoint
  private let causes: WebSocketCauses
  private let url: WebSocketURL

  init(_ endpoint: WebSocketEndpoint) {
    self.endpoint = endpoint
    causes = WebSocketCauses(endpoint)
    url = endpoint.url
  }

  /// Goes all the way, or throws and leaves nothing open.
  func dial() async throws(WebSocketError) -> WebSocketConnection {
    if Task.isCancelled { throw .cancelled }
    let key = NIOWebSocketClientUpgrader.randomRequestKey()
    let request = try endpoint.request(key: key)
    let proxy = try endpoint.proxy.proxy(forHost: url.host, port: url.port, isSecure: url.isSecure)
    let tls = try tlsContext()
    if proxy != nil, tls != nil, isAddress { throw causes.addressThroughProxy }
    let deadline = NIODeadline.now() + endpoint.connectTimeout.timeAmount
    let channel = try await connect(
      to: proxy?.host ?? url.host, proxy?.port ?? url.port, isProxy: proxy != nil)
    do {
      return try await withTaskCancellationHandler {
        if let proxy {
          try await tunnel(channel, proxy.host, proxy.port, proxy.authorization, deadline)
        }
        return try await upgrade(channel, request, key: key, tls, deadline)
      } onCancel: {
        channel.triggerUserOutboundEvent(SocketWatch.Command.abort, promise: nil)
      }
    } catch {
      channel.triggerUserOutboundEvent(SocketWatch.Command.abort, promise: nil)
      throw Task.isCancelled ? .cancelled : causes.broken(error)
    }
  }

  private var isAddress: Bool { (try? SocketAddress(ipAddress: url.host, port: url.port)) != nil }

  private func tlsContext() throws(WebSocketError) -> NIOSSLContext? {
    guard url.isSecure else { return nil }
    var configuration = TLSConfiguration.makeClientConfiguration()
    configuration.applicationProtocols = ["http/1.1"]
    do {
      if let path = endpoint.certificateFile {
        let roots = try NIOSSLCertificate.fromPEMFile(path)
        if roots.isEmpty { throw causes.certificateFile(path) }
        configuration.additionalTrustRoots = [.certificates(roots)]
      }
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw endpoint.certificateFile.map(causes.certificateFile) ?? causes.broken(error)
    }
  }

  private func connect(
    to host: String, _ port: Int, isProxy: Bool
  ) async throws(WebSocketError) -> any Channel {
    let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(endpoint.connectTimeout.timeAmount)
      .channelOption(.socketOption(.so_keepalive), value: 1)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      // Nothing is read before there is somebody to read it: see `exchange`.
      .channelOption(.autoRead, value: false)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(SocketWatch())
        }
      }
    let future =
      if let address = try? SocketAddress(ipAddress: host, port: port) {
        bootstrap.connect(to: address)
      } else {
        bootstrap.connect(host: host, port: port)
      }
    do {
      return try await WebSocketDialer.cancellable(future)
    } catch {
      let place = HostAndPort(host: host, port: port).description
      throw causes.connecting(error, to: place, limit: endpoint.connectTimeout, isProxy: isProxy)
    }
  }

  /// Waits for a connection; one that comes after the cancellation is closed.
  private static func cancellable(_ future: EventLoopFuture<any Channel>) async throws -> any Channel {
    let promise = future.eventLoop.makePromise(of: (any Channel).self)
    future.whenComplete { promise.completeWith($0) }
    return try await withTaskCancellationHandler {
      try await promise.futureResult.get()
    } onCancel: {
      promise.fail(WebSocketError.cancelled)
      future.whenSuccess { $0.close(promise: nil) }
    }
  }

  private func tunnel(
    _ channel: any Channel, _ host: String, _ port: Int, _ authorization: String?, _ deadline: NIODeadline
  ) async throws {
    let target = HostAndPort(host: url.host, port: url.port).description
    let proxy = HostAndPort(host: host, port: port).description
    var request = "CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n"
    if let authorization { request += "Proxy-Authorization: \(authorization)\r\n" }
    let outcome = try await exchange(
      channel, request + "\r\n", accepted: 200...299, sendDeadline: deadline, answerLimit: deadline - .now()
    ) { _, _ in try channel.syncOptions?.setOption(.autoRead, value: false) }
    switch outcome {
    case .accepted: break
    case .refused(let head, _, _): throw causes.proxyRefusal(head, proxy: proxy)
    case .malformed: throw causes.proxyFailure("does not speak HTTP", proxy: proxy)
    case .ended: throw causes.proxyFailure("closed the connection", proxy: proxy)
    case .notSent, .unanswered:
      throw causes.connectTimeout(endpoint.connectTimeout, at: "the proxy \(proxy) did not answer")
    }
  }

  private func upgrade(
    _ channel: any Channel, _ request: String, key: String, _ tls: NIOSSLContext?, _ deadline: NIODeadline
  ) async throws -> WebSocketConnection {
    let inbox = MessageInbox { channel.read() }
    let outcome = try await exchange(
      channel, request, tls: tls, accepted: 101...101, sendDeadline: deadline,
      answerLimit: endpoint.handshakeTimeout.timeAmount, accept: acceptance(key: key, inbox: inbox))
    switch outcome {
    case .accepted: break
    case .refused(let head, let body, let isCut): throw causes.refusal(head, body: body, isCut: isCut)
    case .malformed: throw causes.notHTTP
    case .ended: throw causes.endedEarly
    case .notSent: throw causes.connectTimeout(endpoint.connectTimeout, at: "the server did not agree on TLS")
    case .unanswered: throw causes.answerTimeout(endpoint.handshakeTimeout)
    }
    if let limit = endpoint.readTimeout?.timeAmount {
      channel.triggerUserOutboundEvent(SocketWatch.Command.watch(limit), promise: nil)
    }
    return WebSocketConnection(channel: channel, inbox: inbox, causes: causes)
  }

  /// Checks the server's answer to `key` and makes the channel one of a WebSocket.
  private func acceptance(key: String, inbox: MessageInbox) -> HTTPExchangeHandler.Accept {
    let limit = min(max(endpoint.maximumMessageBytes, 1), Int(UInt32.max))
    let readLimit = endpoint.readTimeout
    let causes = causes
    return { head, pipeline in
      let upgrader = NIOWebSocketClientUpgrader(requestKey: key) { channel, _ in
        channel.eventLoop.makeSucceededVoidFuture()
      }
      let isWebSocket = head.header("Upgrade")?.lowercased() == "websocket"
      guard isWebSocket, upgrader.shouldAllowUpgrade(upgradeResponse: head.head) else {
        throw causes.wrongAcceptance
      }
      try pipeline.addHandler(WebSocketFrameEncoder())
      try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: limit)))
      try pipeline.addHandler(
        WebSocketHandler(inbox: inbox, causes: causes, maximumBytes: limit, readLimit: readLimit))
    }
  }

  private func exchange(
    _ channel: any Channel, _ request: String, tls: NIOSSLContext? = nil, accepted: ClosedRange<Int>,
    sendDeadline: NIODeadline,
    answerLimit: TimeAmount, accept: @escaping HTTPExchangeHandler.Accept
  ) async throws -> HTTPExchangeHandler.Outcome {
    let outcome = channel.eventLoop.makePromise(of: HTTPExchangeHandler.Outcome.self)
    // An address cannot be a name for SNI; the certificate is then checked against the address.
    let name = isAddress ? nil : url.host
    // All in one step: TLS may fail at once, and somebody must hear it.
    channel.eventLoop.submit {
      let pipeline = channel.pipeline.syncOperations
      if let tls { try pipeline.addHandler(CertificateCheck.handler(tls, host: name)) }
      try pipeline.addHandler(
        HTTPExchangeHandler(
          request, accepted: accepted, sendDeadline: sendDeadline, answerLimit: answerLimit, outcome: outcome,
          accept: accept))
      try channel.syncOptions?.setOption(.autoRead, value: true)
    }.whenFailure { outcome.fail($0) }
    return try await outcome.futureResult.get()
  }
}

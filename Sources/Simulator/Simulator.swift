internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket
internal import Synchronization

/// A venue on a port of its own: Dome's and RTDS' streams, and the REST of both, with faults on request.
public final class Simulator: Sendable {
  /// The port it listens on.
  public let port: Int

  private let hub: Hub
  private let group: MultiThreadedEventLoopGroup
  private let listener: any Channel
  private let finished: EventLoopFuture<Void>
  private let isStopped = Mutex(false)

  private init(
    hub: Hub, group: MultiThreadedEventLoopGroup, listener: any Channel, finished: EventLoopFuture<Void>
  ) {
    self.hub = hub
    self.group = group
    self.listener = listener
    self.finished = finished
    port = listener.localAddress?.port ?? 0
  }

  /// Reads or makes the flow, and listens; throws `SimulatorError`.
  public static func start(_ options: SimulatorOptions) async throws -> Simulator {
    let flow = try flow(options)
    let tls = try options.tls.map { try context($0) }
    // One thread: it shares the machine with what is tested.
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let loop = group.next()
    let over = loop.makePromise(of: Void.self)
    let hub = Hub(Venue(flow: flow, options: options), loop: loop) { over.succeed() }
    do {
      let listener = try await bootstrap(group, hub, tls).bind(host: options.host, port: options.port).get()
      let path = options.sentPath
      let finished = over.futureResult.flatMap {
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) {
          hub.markWritten(path.flatMap { SentFile(hub.source).failure(writing: $0) })
        }
      }
      if options.startsAtOnce { loop.execute { hub.pump() } }
      return Simulator(hub: hub, group: group, listener: listener, finished: finished)
    } catch {
      over.succeed()
      try await group.shutdownGracefully()
      let place = "\(options.host):\(options.port)"
      guard let code = (error as? IOError)?.errnoCode else {
        throw SimulatorError("cannot listen on \(place): \(error)")
      }
      let reason = String(cString: strerror(code))
      throw SimulatorError("cannot listen on \(place): \(reason); name another --host or --port")
    }
  }

  /// What it has done so far.
  public func status() -> SimulatorStatus { hub.status }

  /// Waits until the flow is over, and the file of what was sent is written.
  public func waitUntilFinished() async { try? await finished.get() }

  /// Why the file of what was sent could not be written, once the flow is finished; nil when it could.
  public func sentFailure() -> SimulatorError? { hub.sentFailure }

  /// Every order that happened so far, one REST row a line, in the order of the venue.
  public func sentOrders() -> [UInt8] { SentFile(hub.source).bytes }

  /// Lets a fault happen now, to everybody who has subscribed, or to the next who does.
  public func inject(_ fault: Fault) { hub.inject(fault) }

  /// Closes the connections and the port, and writes the file of what was sent if the flow was not over.
  public func stop() async {
    let isFirst = isStopped.withLock { isStopped in
      defer { isStopped = true }
      return !isStopped
    }
    if !isFirst { return }
    try? await listener.close().get()
    let hub = hub
    try? await group.next().submit { hub.stop() }.get()
    // Clients that do not answer the farewell are cut off after two seconds.
    for _ in 0..<250 where hub.status.connections > 0 { try? await Task.sleep(for: .milliseconds(10)) }
    await waitUntilFinished()
    try? await group.shutdownGracefully()
  }

  private static func flow(_ options: SimulatorOptions) throws(SimulatorError) -> Flow {
    let flow: Flow
    switch options.source {
    case .file(let path): flow = try FlowReader.read(path: path)
    case .generated(let count):
      guard count > 0, count <= FlowReader.maximumOrders else {
        throw SimulatorError("a flow has 1 to \(FlowReader.maximumOrders) orders, not \(count)")
      }
      var rate = 100.0
      if case .rate(let wanted) = options.speed { rate = wanted }
      flow = FlowGenerator.flow(count: count, seed: options.seed, rate: rate)
    }
    return flow.withTwins(rate: options.twinRate, seed: options.seed)
  }

  private static func context(_ tls: SimulatorOptions.TLS) throws -> NIOSSLContext {
    do {
      let chain = try NIOSSLCertificate.fromPEMFile(tls.certificate).map {
        NIOSSLCertificateSource.certificate($0)
      }
      let key = try NIOSSLPrivateKey(file: tls.privateKey, format: .pem)
      return try NIOSSLContext(
        configuration: .makeServerConfiguration(certificateChain: chain, privateKey: .privateKey(key)))
    } catch {
      throw SimulatorError(
        "cannot use the certificate \(tls.certificate) and key \(tls.privateKey): \(error)")
    }
  }

  private static func bootstrap(_ group: MultiThreadedEventLoopGroup, _ hub: Hub, _ tls: NIOSSLContext?)
    -> ServerBootstrap
  {
    ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(AbortHandler(), name: AbortHandler.name)
          if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
          try pipeline.configureHTTPServerPipeline(
            withServerUpgrade: (upgraders: [upgrader(hub)], completionHandler: { _ in }))
          try pipeline.addHandler(RequestHandler(hub: hub), name: RequestHandler.name)
        }
      }
  }

  private static func upgrader(_ hub: Hub) -> NIOWebSocketServerUpgrader {
    NIOWebSocketServerUpgrader(
      maxFrameSize: 1 << 20,
      shouldUpgrade: { channel, head in
        channel.eventLoop.makeSucceededFuture(hub.refusal(of: head.uri) == nil ? HTTPHeaders() : nil)
      },
      upgradePipelineHandler: { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          pipeline.removeHandler(name: RequestHandler.name, promise: nil)
          let outlet = Outlet()
          let encoder = try pipeline.handler(type: WebSocketFrameEncoder.self)
          try pipeline.addHandler(outlet, position: .before(encoder))
          try pipeline.addHandler(
            NIOWebSocketFrameAggregator(
              minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 256, maxAccumulatedFrameSize: 1 << 20))
          let abort = try pipeline.handler(type: AbortHandler.self)
          try pipeline.addHandler(SocketHandler(hub: hub, outlet: outlet, abort: abort))
        }
      })
  }
}

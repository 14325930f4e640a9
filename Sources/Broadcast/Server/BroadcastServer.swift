import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Journal
public import Logging
import NIOCore
import NIOPosix
import NIOSSL
public import OrderFlow
import ServiceLifecycle
import Synchronization

/// The server beside a run: everybody hears through it what the engine has stored.
public final class BroadcastServer: Sendable {
  private let options: BroadcastOptions
  private let host: any EngineHost
  private let log: Logger
  private let metrics: PrometheusRegistry
  /// For streams that are behind, and for requests: neither waits for the other.
  private let streamReaders: StoreReaders
  private let requestReaders: StoreReaders
  private let tokenTurns = Mutex((begun: 0, applied: 0))
  private let group: MultiThreadedEventLoopGroup
  private let gate: Gate
  private let hub: StreamHub
  private let connections: ConnectionCounter<ClientAddress>
  private let stopped = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
  private let bound = Mutex<(host: String, port: Int)?>(nil)

  /// A server over a journal, which may come about later.
  ///
  /// `metrics` is what `/metrics` shows, and where requests and streams are counted.
  public init(
    _ options: BroadcastOptions, host: any EngineHost, journal: String, log: Logger,
    metrics: PrometheusRegistry
  ) async throws(BroadcastFailure) {
    self.options = options
    self.host = host
    self.log = log
    self.metrics = metrics
    // First what can fail: there is nothing to be ended then.
    var webTokens: JWTVerifier?
    if let settings = options.webTokens {
      do throws(JWTKeyFailure) { webTokens = try await JWTVerifier(settings, log: log) } catch {
        throw BroadcastFailure(code: .keys, description: "the keys of JSON Web Tokens: \(error.description)")
      }
    }
    streamReaders = StoreReaders(path: journal)
    requestReaders = StoreReaders(path: journal, mostWaiting: 64)
    // One loop sends to many; a machine with many processors has some for more.
    group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, System.coreCount / 4))
    gate = Gate(options.gate, webTokens: webTokens)
    hub = StreamHub(group, StreamStock(readers: streamReaders, limits: options.streams))
    connections = ConnectionCounter(
      maximum: options.mostConnections, maximumEach: options.mostConnectionsOfOneAddress)
    let counters = hub.stock.counters
    metrics.addCollector { counters.counts.write(to: &$0) }
  }

  // MARK: What the engine says

  /// The journal holds signals up to this number; said before the first is published.
  public func begin(after lastSignal: Int64) { hub.stock.ring.begin(after: lastSignal) }

  /// Passes on signals that are committed; from the engine's thread, in order.
  public func publish(_ signals: [NumberedSignal]) { hub.publish(signals) }

  /// Passes on something else; `payload` is a JSON object with its `type`.
  public func tell(_ topic: StreamTopic, _ payload: [UInt8]) { hub.tell(topic, payload) }

  /// Reads again which tokens there are; connections of those that are gone end within seconds.
  public func refreshTokens() async {
    // A reading that began earlier may know less.
    let turn = tokenTurns.withLock { turns in
      turns.begun += 1
      return turns.begun
    }
    do {
      let records = try await requestReaders.read { try $0.tokens() }
      tokenTurns.withLock { turns in
        if turn <= turns.applied { return }
        turns.applied = turn
        gate.tokens.replace(with: records)
      }
    } catch {
      log.error("the tokens cannot be read, so those that were known go on: \(error)")
    }
  }

  /// Streams that are open.
  public var subscriberCount: Int {
    hub.stock.counters.subscribers(.webSocket) + hub.stock.counters.subscribers(.serverSent)
  }

  /// Where it listens; nil before it does.
  public var address: (host: String, port: Int)? { bound.withLock { $0 } }

  /// The connections that are open.
  package var openConnections: Int { connections.total }

  // MARK: Life

  /// Serves until `stop`. `onListening` is called once, with the URL.
  public func run(onListening: @escaping @Sendable (String) -> Void = { _ in }) async throws(BroadcastFailure)
  {
    await refreshTokens()
    let application = try makeApplication(onListening)
    var quiet = log
    quiet.logLevel = max(log.logLevel, .warning)
    var configuration = ServiceGroupConfiguration(
      services: [.init(service: application)], logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(5)
    let services = ServiceGroup(configuration: configuration)
    do {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await services.run() }
        tasks.addTask { await self.end(services) }
        tasks.addTask { await self.refreshFiles() }
        defer { tasks.cancelAll() }
        try await tasks.next()
      }
    } catch {
      await close()
      throw failure(error)
    }
    await close()
  }

  /// Ends: streams are told, requests under way get their answers.
  public func stop() { stopped.continuation.yield() }

  private func end(_ services: ServiceGroup) async {
    for await _ in stopped.stream { break }
    if Task.isCancelled { return }
    hub.shutdown()
    await services.triggerGracefulShutdown()
    // The group ends when it is done, and with it this task.
    try? await Task.sleep(for: .seconds(60))
  }

  /// Keys in files may change while nobody asks for anything, and a reading of the tokens may have failed.
  private func refreshFiles() async {
    while !Task.isCancelled {
      try? await Task.sleep(for: .seconds(3))
      if Task.isCancelled { break }
      await gate.refresh()
      await refreshTokens()
    }
    // Only who waits longest may end the group.
    try? await Task.sleep(for: .seconds(60))
  }

  /// Gives back what a server holds that is never run.
  public func discard() async { await close() }

  private func close() async {
    await streamReaders.shutdown()
    await requestReaders.shutdown()
    try? await group.shutdownGracefully()
  }

  private func failure(_ error: any Error) -> BroadcastFailure {
    let place = "\(options.host):\(options.port)"
    if let error = error as? IOError {
      let reason = error.errnoCode == EADDRINUSE ? "another program listens there" : "\(error)"
      return BroadcastFailure(
        code: .cannotListen, description: "the API cannot listen on \(place): \(reason)")
    }
    return BroadcastFailure(code: .system, description: "the API on \(place) has ended: \(error)")
  }

  // MARK: Making it

  private func makeApplication(
    _ onListening: @escaping @Sendable (String) -> Void
  ) throws(BroadcastFailure) -> some ApplicationProtocol {
    let isTLS = options.certificate != nil
    let streams = makeStreams()
    let table = RouteTable(routes(streams))
    let router = Router(context: APIContext.self, options: .autoGenerateHeadEndpoints)
    router.add(middleware: RequestMetrics(metrics))
    router.add(
      middleware: APIMiddleware(
        table: table, gate: gate, origins: options.gate.origins, isTLS: isTLS, log: log))
    for route in table.routes {
      router.on(RouterPath(route.path), method: route.method, use: route.handler)
    }
    let (connections, limits) = (connections, options.requests)
    let plain = HTTPServerBuilder { responder in
      SocketChannel(
        responder: responder,
        configuration: SocketChannel.Configuration(limits: limits, connections: connections) {
          streams.decide($0, $1)
        })
    }
    var quiet = log
    // Its own lines hold whole requests.
    quiet.logLevel = max(log.logLevel, .warning)
    let scheme = isTLS ? "https" : "http"
    return Application(
      responder: router.buildResponder(), server: try secured(plain),
      configuration: ApplicationConfiguration(
        address: .hostname(options.host, port: options.port), serverName: nil, backlog: 4096),
      onServerRunning: { channel in
        let host = self.options.host.contains(":") ? "[\(self.options.host)]" : self.options.host
        let port = channel.localAddress?.port ?? self.options.port
        self.bound.withLock { $0 = (self.options.host, port) }
        onListening("\(scheme)://\(host):\(port)")
      }, eventLoopGroupProvider: .shared(group), logger: quiet)
  }

  private func secured(_ plain: HTTPServerBuilder) throws(BroadcastFailure) -> HTTPServerBuilder {
    guard let (chain, key) = options.certificate else { return plain }
    do {
      var configuration = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(chain).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
      configuration.minimumTLSVersion = .tlsv12
      return try .tls(plain, tlsConfiguration: configuration)
    } catch {
      throw BroadcastFailure(
        code: .certificate,
        description: "the certificate \(chain) with the key \(key) cannot be used: \(error)")
    }
  }

  func makeStreams() -> StreamRoutes {
    StreamRoutes(
      hub: hub, gate: gate, isTLS: options.certificate != nil,
      open: ConnectionCounter(
        maximum: options.mostConnections, maximumEach: options.mostStreamsOfOneCaller))
  }

  /// All that it does.
  func routes(_ streams: StreamRoutes) -> [Route] {
    let metrics = metrics
    return HealthRoutes(host: host).routes + SignalRoutes(readers: requestReaders).routes
      + FlowRoutes(readers: requestReaders).routes + RuleRoutes(readers: requestReaders, host: host).routes
      + streams.routes + WebhookRoutes(readers: requestReaders, host: host).routes
      + TokenRoutes(readers: requestReaders, host: host, refresh: { await self.refreshTokens() }).routes + [
        Route(.get, "/metrics", .viewer) { _, _ in
          .text(
            String(decoding: metrics.text(), as: UTF8.self), type: PrometheusText.contentType)
        },
        Route(.get, "/openapi.json", .viewer) { _, _ in .json(bytes: PackageResources.openapi_json) },
      ]
  }
}

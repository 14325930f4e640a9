import Broadcast
import Journal
import Logging
import NIOCore
import Net
import OrderFlow
import Synchronization

/// A server on a free port of loopback over a fake engine, with a token of each role.
struct TestServer: Sendable {
  let engine: FakeEngine
  let server: BroadcastServer
  let port: Int
  let tokens: [Role: String]
  let client: HTTPClient

  /// Runs `body` against a server of its own.
  static func run(
    _ change: (inout BroadcastOptions) -> Void = { _ in }, before: (FakeEngine) throws -> Void = { _ in },
    _ body: @Sendable (TestServer) async throws -> Void
  ) async throws {
    let engine = try FakeEngine()
    var tokens: [Role: String] = [:]
    for role in Role.allCases {
      let token = AccessToken.make(name: role.rawValue, role: role, created: 1)
      tokens[role] = token.text
      try engine.write { try $0.append(token: token.record) }
    }
    try before(engine)
    var options = BroadcastOptions()
    options.port = 0
    change(&options)
    var log = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
    log.logLevel = .critical
    let server = try await BroadcastServer(
      options, host: engine, journal: engine.path, log: log, metrics: PrometheusRegistry())
    server.begin(after: engine.lastSignal)
    engine.sink.withLock { $0 = { server.publish($0) } }
    let listening = AsyncStream<Void>.makeStream()
    let client = HTTPClient()
    defer { client.shutdown() }
    let known = tokens
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { listening.continuation.finish() }
        try await server.run { _ in listening.continuation.yield() }
      }
      for await _ in listening.stream { break }
      guard let port = server.address?.port else {
        try await group.next()
        throw NotListening()
      }
      let test = TestServer(engine: engine, server: server, port: port, tokens: known, client: client)
      let result: Result<Void, any Error>
      do {
        try await body(test)
        result = .success(())
      } catch {
        result = .failure(error)
      }
      server.stop()
      try await group.waitForAll()
      try result.get()
    }
  }

  struct NotListening: Error {}

  // MARK: Asking

  var base: String { "http://127.0.0.1:\(port)" }

  /// Gets a path as somebody with a role; nil: without a token.
  func get(_ path: String, as role: Role? = .viewer, headers: [(name: String, value: String)] = [])
    async throws
    -> HTTPResponse
  {
    var all = headers
    if let token = role.flatMap({ tokens[$0] }) { all.append(("Authorization", "Bearer \(token)")) }
    return try await client.get(HTTPRequest(url: base + path, headers: all))
  }

  /// Posts to a path as somebody with a role; nil: without a token.
  func post(
    _ path: String, as role: Role? = .viewer, body: String = "", headers: [(name: String, value: String)] = []
  ) async throws -> HTTPResponse {
    var request = HTTPRequest(url: base + path, headers: headers)
    if let token = role.flatMap({ tokens[$0] }) {
      request.headers.append(("Authorization", "Bearer \(token)"))
    }
    request.body = Array(body.utf8)
    return try await client.get(request)
  }

  /// Opens a WebSocket and runs `body` with it.
  func socket<Result: Sendable>(
    _ path: String = "/v1/stream", as role: Role? = .viewer, headers: [(name: String, value: String)] = [],
    _ body: @Sendable (WebSocketConnection) async throws -> Result
  ) async throws -> Result {
    var endpoint = try WebSocketEndpoint(url: "ws://127.0.0.1:\(port)\(path)")
    endpoint.headers = headers
    if let token = role.flatMap({ tokens[$0] }) {
      endpoint.headers.append(("Authorization", "Bearer \(token)"))
    }
    return try await WebSocketClient.connect(endpoint) { try await body($0) }
  }
}

extension WebSocketConnection {
  /// The next message as text; nil when the other side has closed.
  func text() async throws -> String? {
    try await next().map { String(buffer: $0) }
  }
}

/// The value of a whole number in a flat JSON text.
func number(_ name: String, in json: String) -> Int64? {
  guard let range = json.firstRange(of: "\"\(name)\":") else { return nil }
  return Int64(json[range.upperBound...].prefix { $0.isNumber || $0 == "-" })
}

import Net
import NIOCore
import Synchronization

/// One connection of a stream, from the first byte to the last.
final class StreamSession: Sendable {
  private struct State {
    var monitor: StreamMonitor
    /// Ids of the subscriptions that hold, and of those that they replaced.
    var ids: [String] = []
    var replaced: [String] = []
    var missing = 0
    var liveSince: UInt64?
  }

  private let dialect: any StreamDialect
  private let owner: StreamFeed
  private let outlet: any FeedOutlet
  private let source: UInt16
  private let state: Mutex<State>

  /// Servers repeat in their messages what was sent to them, the key included.
  private let redactor: Redactor

  private static let tickEvery: UInt64 = 50_000_000

  init(dialect: any StreamDialect, owner: StreamFeed, outlet: any FeedOutlet, source: UInt16) {
    self.dialect = dialect
    self.owner = owner
    self.outlet = outlet
    self.source = source
    state = Mutex(State(monitor: dialect.monitor()))
    redactor = (try? dialect.endpoint())?.redactor ?? Redactor([])
  }

  /// Whether it was live at any time.
  var wasLive: Bool { state.withLock { $0.liveSince != nil } }

  /// When it became live for the first time.
  var liveSince: UInt64 { state.withLock { $0.liveSince ?? 0 } }

  /// Connects, subscribes and passes messages on until it ends; returns why, in one line.
  func run() async -> String {
    do {
      return try await WebSocketClient.connect(try dialect.endpoint()) { connection in
        self.owner.note(.subscribing)
        try await self.subscribe(connection)
        return try await withThrowingTaskGroup(of: String.self) { group in
          group.addTask(executorPreference: connection.executor) { try await self.receive(connection) }
          group.addTask { try await self.watch(connection) }
          defer { group.cancelAll() }
          return try await group.next() ?? ""
        }
      }
    } catch {
      return "\(error)"
    }
  }

  private func subscribe(_ connection: WebSocketConnection) async throws {
    let messages = try dialect.subscriptions()
    state.withLock { state in
      state.replaced += state.ids
      state.ids = []
      state.missing = dialect.isAcknowledged ? messages.count : 0
      state.monitor.subscribed(FeedClock.now(), acknowledgements: state.missing)
    }
    for message in messages { try await connection.send(message) }
  }

  // MARK: Receiving

  private func receive(_ connection: WebSocketConnection) async throws -> String {
    while let message = try await connection.next() {
      let now = FeedClock.now()
      switch dialect.kind(of: message) {
      case .payload:
        owner.noteMessage(isPayload: true)
        if state.withLock({ $0.monitor.payload(now) }) { try await live(now) }
        try await outlet.send(.message(FeedMessage(source: source, bytes: message, receivedAt: now)))
      case .unknown:
        owner.noteMessage(isPayload: false)
        try await outlet.send(.message(FeedMessage(source: source, bytes: message, receivedAt: now)))
      case .acknowledgement(let id):
        owner.noteMessage(isPayload: false)
        try await acknowledge(id, now, connection)
      case .idle: owner.noteMessage(isPayload: false)
      case .notice(let text):
        owner.noteMessage(isPayload: false)
        owner.noteNotice(redactor.line(text.utf8, limit: 200))
      }
    }
    let reason = connection.closeReason.map { " (\($0))" } ?? ""
    return "the server closed the connection\(reason)"
  }

  /// Acknowledgements carry no request's id: they come in the order of the subscriptions.
  private func acknowledge(_ id: String, _ now: UInt64, _ connection: WebSocketConnection) async throws {
    let (isLive, ended) = state.withLock { state in
      state.ids.append(id)
      state.missing -= 1
      let ended = state.missing == 0 ? state.replaced : []
      if state.missing == 0 { state.replaced = [] }
      return (state.monitor.acknowledged(now), ended)
    }
    for old in ended {
      if let message = dialect.unsubscription(old) { try await connection.send(message) }
    }
    if isLive { try await live(now) }
  }

  private func live(_ now: UInt64) async throws {
    state.withLock { $0.liveSince = $0.liveSince ?? now }
    try await owner.back(outlet)
  }

  // MARK: Watching

  private func watch(_ connection: WebSocketConnection) async throws -> String {
    while true {
      try await Task.sleep(nanoseconds: StreamSession.tickEvery)
      if owner.takeRefresh() { try await subscribe(connection) }
      for action in state.withLock({ $0.monitor.tick(FeedClock.now()) }) {
        switch action {
        case .ping:
          if let text = dialect.ping { try await connection.send(text) }
        case .resubscribe(let seconds):
          owner.noteResubscription(seconds)
          try await owner.lost(outlet)
          try await subscribe(connection)
        case .reconnect(let reason): return reason
        }
      }
    }
  }
}

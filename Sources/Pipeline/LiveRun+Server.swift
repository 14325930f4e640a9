import Broadcast
import Logging

extension LiveRun {
  /// The port on which the API listens; nil while it does not.
  public var apiPort: Int? { api.current?.address?.port }

  /// Streams that are open.
  public var subscriberCount: Int { api.current?.subscriberCount ?? 0 }

  /// The server that was asked for.
  func makeServer(_ settings: BroadcastOptions) async throws(Refusal) -> BroadcastServer {
    do throws(BroadcastFailure) {
      return try await BroadcastServer(
        settings, host: host, journal: options.journal, log: log,
        metrics: options.metrics ?? PrometheusRegistry())
    } catch {
      throw .api(error.description)
    }
  }

  /// Serves until the server is stopped. One that nobody asked for by name may fail: the run is what matters.
  func serve() async throws {
    guard let server = await api.whenStarted() else {
      await api.current?.discard()
      return
    }
    let (log, settings) = (log, options.api)
    defer { board.update { $0.api = nil } }
    do throws(BroadcastFailure) {
      try await server.run { url in
        log.info("the API listens on \(url)")
        if let settings, settings.certificate == nil, !LiveRun.isLoopback(settings.host) {
          log.warning(
            """
            whoever sees the traffic of the API can read its tokens: name api.certificate and api.key, or listen on \
            127.0.0.1 behind a proxy with TLS
            """)
        }
        self.board.update { $0.api = url }
      }
    } catch {
      if options.needsAPI { throw Refusal.api(error.description) }
      log.error("\(error.description); the run goes on without")
      api.clear()
    }
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }
}

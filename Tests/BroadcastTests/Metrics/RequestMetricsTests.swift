import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import Broadcast

@Suite struct RequestMetricsTests {
  /// What is counted of a request.
  private func answer(_ method: HTTPRequest.Method, _ path: String) async throws -> String {
    let registry = PrometheusRegistry()
    let router = Router(context: BasicRequestContext.self)
    router.add(middleware: RequestMetrics(registry))
    router.get("/v1/signals/:id") { _, _ in "x" }
    router.get("/fails") { _, _ -> String in throw HTTPError(.forbidden) }
    router.get("/breaks") { _, _ -> String in throw Broken() }
    let responder = router.buildResponder()
    // A context wants a channel, whichever.
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .bind(host: "127.0.0.1", port: 0).get()
    let context = BasicRequestContext(
      source: ApplicationRequestContextSource(channel: channel, logger: Logger(label: "test")))
    let head = HTTPRequest(method: method, scheme: "http", authority: "h", path: path)
    _ = try? await responder.respond(
      to: Request(head: head, body: .init(buffer: ByteBuffer())), context: context)
    try await channel.close()
    return String(decoding: registry.text(), as: UTF8.self)
  }

  private struct Broken: Error {}

  @Test(
    "a request is counted by its route, a known method and its status, never by what the client wrote",
    arguments: [
      (HTTPRequest.Method.get, "/v1/signals/s3cret?token=s3cret", "/v1/signals/{id}", "GET", "200"),
      (.get, "/s3cret", "NotFound", "GET", "404"), (.get, "/fails", "/fails", "GET", "403"),
      (.get, "/breaks", "/breaks", "GET", "500"),
      (HTTPRequest.Method("S3CRET") ?? .trace, "/s3cret", "NotFound", "other", "404"),
    ])
  func labels(
    _ method: HTTPRequest.Method, _ path: String, _ route: String, _ shown: String, _ status: String
  ) async throws {
    let text = try await answer(method, path)
    #expect(
      text.contains(
        "betterbot_http_requests_total{method=\"\(shown)\",route=\"\(route)\",status=\"\(status)\"} 1\n"),
      "\(text)")
    #expect(text.contains("betterbot_http_request_seconds_count{route=\"\(route)\"} 1\n"))
    #expect(!text.lowercased().contains("s3cret"))
  }
}

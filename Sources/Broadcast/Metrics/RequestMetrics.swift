import Hummingbird

/// Counts requests and times their answers, by route.
///
/// Routes are those of the router, such as `/v1/signals/{id}`, and `NotFound` for a request of none: no label is what
/// a client wrote. The time ends when the answer begins, so that a stream is not timed for as long as it is open.
/// (Hummingbird's own middleware remembers every method that a client makes up, and counts a request that the
/// client gave up as active for ever.)
struct RequestMetrics<Context: RequestContext>: RouterMiddleware {
  private let registry: PrometheusRegistry

  /// Records into `registry`.
  init(_ registry: PrometheusRegistry) {
    self.registry = registry
    registry.describe("betterbot_http_requests_total", PrometheusRegistry.Description("Requests answered."))
    registry.describe(
      "betterbot_http_request_seconds",
      PrometheusRegistry.Description("From a request's head to the beginning of its answer."))
  }

  /// Lets the request pass and notes what became of it.
  func handle(
    _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
  ) async throws -> Response {
    let begin = ContinuousClock.now
    do {
      let response = try await next(request, context)
      note(request, context, response.status, begin)
      return response
    } catch {
      note(request, context, (error as? any HTTPResponseError)?.status ?? .internalServerError, begin)
      throw error
    }
  }

  private func note(
    _ request: Request, _ context: Context, _ status: HTTPResponse.Status, _ begin: ContinuousClock.Instant
  ) {
    let route = context.endpointPath ?? "NotFound"
    let labels = [
      ("route", route), ("method", RequestMetrics.method(request.method)), ("status", "\(status.code)"),
    ]
    registry.counter("betterbot_http_requests_total", labels).increment(by: Int64(1))
    let (seconds, attoseconds) = (ContinuousClock.now - begin).components
    registry.timer("betterbot_http_request_seconds", [("route", route)])
      .record(Double(seconds) + Double(attoseconds) / 1e18)
  }

  private static func method(_ method: HTTPRequest.Method) -> String {
    switch method {
    case .get, .head, .post, .put, .delete, .options, .patch: method.rawValue
    default: "other"
    }
  }
}

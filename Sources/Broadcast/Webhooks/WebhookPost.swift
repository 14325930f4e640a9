internal import Journal
internal import Net
internal import OrderFlow

/// One attempt to deliver.
enum WebhookPost {
  /// Sends it; nil when it was given up before there was an answer.
  static func send(
    _ job: DeliveryDesk.Job, through client: HTTPClient, _ options: WebhookSender.Options
  ) async -> DeliverySchedule.Answer? {
    guard let signal = job.delivery.signal else { return nil }
    let request = request(signal, job, options)
    do throws(HTTPError) {
      let response = try await client.send(request)
      let retry = response.retryAfter.map { $0.components.seconds.multipliedReportingOverflow(by: 1000) }
      return .status(response.status, retryAfter: retry.map { $0.overflow ? .max : $0.partialValue })
    } catch {
      switch error.code {
      case .cancelled, .shutDown: return nil
      default: return .failed(error.description)
      }
    }
  }

  private static func request(
    _ signal: Signal, _ job: DeliveryDesk.Job, _ options: WebhookSender.Options
  ) -> HTTPRequest {
    let (webhook, now) = (job.webhook, options.clock())
    let numbered = NumberedSignal(number: job.delivery.number, signal: signal)
    let body = WebhookMessage.body(numbered, webhook.format, url: webhook.url)
    var request = HTTPRequest(
      url: webhook.url, headers: [("Content-Type", "application/json")], timeout: options.timeout,
      certificateFile: options.certificateFile, maximumBytes: options.maximumAnswer)
    request.body = body
    request.hidesPath = true
    if webhook.format == .json {
      let id = WebhookSigner.identifier(signal: signal.id, webhook: webhook.id)
      request.headers += WebhookSigner(webhook, at: now).headers(id: id, seconds: now / 1000, body: body)
    }
    return request
  }
}

import Hummingbird
import Journal
import Net
import OrderFlow
import Wire

/// Who is sent signals. A secret is shown once, and of an address only its beginning: the rest may be a secret.
struct WebhookRoutes: Sendable {
  let readers: StoreReaders
  let host: any EngineHost

  var routes: [Route] {
    [
      Route(.get, "/v1/webhooks", .admin) { _, _ in try await list() },
      Route(.post, "/v1/webhooks", .admin) { request, _ in try await add(request) },
      Route(.get, "/v1/webhooks/{name}", .admin) { _, context in
        try await one(try WebhookRoutes.name(context))
      },
      Route(.delete, "/v1/webhooks/{name}", .admin) { _, context in
        let name = try WebhookRoutes.name(context)
        _ = try await change(name, .remove(name))
        return Response(status: .noContent)
      },
      Route(.post, "/v1/webhooks/{name}/rotate", .admin) { _, context in
        try await rotate(try WebhookRoutes.name(context))
      },
      Route(.get, "/v1/webhooks/{name}/deliveries", .admin, query: ["state", "limit"]) { request, context in
        try await deliveries(try WebhookRoutes.name(context), request)
      },
      Route(.post, "/v1/webhooks/{name}/resend", .admin) { _, context in
        let name = try WebhookRoutes.name(context)
        let (_, text) = try await change(name, .resend(name))
        return .json { $0.object { $0.member("text", text) } }
      },
    ]
  }

  private static func name(_ context: APIContext) throws -> String {
    guard let name = PercentText.decode(try context.parameters.require("name")),
      name.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) != nil
    else {
      throw Problem.badRequest("a webhook's name has 1 to 64 letters, digits, dots, dashes and underscores")
    }
    return name
  }

  // MARK: Reading

  private func list() async throws -> Response {
    let webhooks = try await readers.read { try $0.webhooks() }
    return .json {
      $0.object {
        $0.key("webhooks")
        $0.array { list in
          for webhook in webhooks { list.object { WebhookRoutes.members(of: webhook, &$0) } }
        }
      }
    }
  }

  private func one(_ name: String) async throws -> Response {
    let found = try await readers.read { reader -> (WebhookRecord, waiting: Int, dead: Int)? in
      guard let webhook = try reader.webhooks().first(where: { $0.name == name }) else { return nil }
      let counts = try reader.deliveryCounts(of: webhook.id)
      return (webhook, counts.waiting, counts.dead)
    }
    guard let (webhook, waiting, dead) = found else { throw WebhookRoutes.missing }
    return .json {
      $0.object {
        WebhookRoutes.members(of: webhook, &$0)
        $0.member("waiting", waiting)
        $0.member("dead", dead)
      }
    }
  }

  private static let missing = Problem.notFound("there is no webhook of this name")

  private static func members(of webhook: WebhookRecord, _ writer: inout JSONWriter) {
    writer.member("name", webhook.name)
    writer.member("address", SafeURL(originOf: webhook.url).text)
    writer.member("format", webhook.format.rawValue)
    writer.member("rule", webhook.filter.rule)
    writer.member("market", webhook.filter.market)
    writer.member("token", webhook.filter.token)
    writer.member("user", webhook.filter.user)
    writer.member("severity", webhook.filter.minimumSeverity.name)
    writer.member("allow_private", webhook.allowsPrivate)
    writer.member("created", webhook.createdMilliseconds)
    writer.member("disabled", webhook.disabledMilliseconds)
    writer.member("reason", webhook.reason)
  }

  private enum DeliveryState: String, CaseIterable { case waiting, dead }

  private func deliveries(_ name: String, _ request: Request) async throws -> Response {
    let query = try QueryReader(request.uri, allowed: ["state", "limit"])
    let isDead = try query.word("state", DeliveryState.self) != .waiting
    let limit = Int(try query.number("limit", 1...500) ?? 50)
    let found = try await readers.read { reader -> [WebhookDelivery]? in
      guard let webhook = try reader.webhooks().first(where: { $0.name == name }) else { return nil }
      return try reader.deliveries(of: webhook.id, isDead: isDead, limit: limit)
    }
    guard let found else { throw WebhookRoutes.missing }
    return .json {
      $0.object {
        $0.key("deliveries")
        $0.array { list in for delivery in found { WebhookRoutes.write(delivery, &list) } }
      }
    }
  }

  private static func write(_ delivery: WebhookDelivery, _ writer: inout JSONWriter) {
    writer.object {
      $0.member("id", delivery.id)
      $0.member("n", delivery.number)
      $0.member("signal", delivery.signal?.id.hex)
      $0.member("created", delivery.createdMilliseconds)
      $0.member("attempts", delivery.attempts)
      $0.member("next", delivery.nextMilliseconds)
      $0.member("dead", delivery.deadMilliseconds)
      $0.member("status", delivery.status)
      $0.member("reason", delivery.reason)
    }
  }

  // MARK: Changing

  private func add(_ request: Request) async throws -> Response {
    let body = try await BodyReader(
      request,
      allowed: ["name", "url", "format", "rule", "market", "token", "user", "severity", "allow_private"])
    guard let name = try body.text("name", most: 64), let url = try body.text("url", most: 2048) else {
      throw Problem.badRequest("the body needs a name and a url")
    }
    let formats = WebhookFormat.allCases.map(\.rawValue)
    let format = try body.word("format", formats) { WebhookFormat(rawValue: $0) } ?? .json
    var webhook = WebhookRecord(
      name: name, url: url, format: format, secret: WebhookSecret.make(), createdMilliseconds: 0)
    webhook.filter.rule = try body.text("rule", most: 128)
    webhook.filter.market = try body.text("market", most: 128)
    webhook.filter.token = try body.text("token", most: 128)
    webhook.filter.user = try body.text("user", most: 128)
    let severities = Severity.allCases.map(\.name)
    webhook.filter.minimumSeverity = try body.word("severity", severities) { Severity(name: $0) } ?? .info
    webhook.allowsPrivate = try body.flag("allow_private") ?? false
    if let problem = WebhookEdit.problem(with: webhook) { throw Problem.badRequest(problem) }
    return try await change(name, .add(webhook), secret: webhook.secret, .created)
  }

  private func rotate(_ name: String) async throws -> Response {
    let secret = WebhookSecret.make()
    return try await change(name, .rotate(name, secret: secret), secret: secret, .ok)
  }

  /// Makes a change, and shows the webhook with its secret; those that are not signed have none to show.
  private func change(
    _ name: String, _ action: WebhookEdit.Action, secret: [UInt8], _ status: HTTPResponse.Status
  ) async throws -> Response {
    guard let webhook = try await change(name, action).webhook else { throw WebhookRoutes.missing }
    return .json(status) {
      $0.object {
        WebhookRoutes.members(of: webhook, &$0)
        $0.member("secret", webhook.format == .json ? WebhookSecret.text(secret) : nil)
      }
    }
  }

  /// Makes a change of a webhook; returns what became of it, and the change in words.
  private func change(
    _ name: String, _ action: WebhookEdit.Action
  ) async throws -> (webhook: WebhookRecord?, text: String) {
    let edit = WebhookEdit(action, at: AccessClock.system.wall())
    var isNew = false
    if case .add = action { isNew = true }
    let outcome = try await host.change { [isNew] journal throws(JournalError) -> Outcome in
      if !isNew, try journal.webhook(named: name) == nil { return .missing }
      do throws(JournalError) {
        let text = try edit.apply(to: journal)
        return .done(try journal.webhook(named: name), text)
      } catch  where error.code == .misuse {
        return .refused(error.message)
      }
    }
    switch outcome {
    case .missing: throw WebhookRoutes.missing
    case .refused(let text): throw Problem.conflict(text)
    case .done(let webhook, let text):
      host.webhooksChanged()
      return (webhook, text)
    }
  }

  private enum Outcome: Sendable {
    case missing
    case refused(String)
    case done(WebhookRecord?, String)
  }
}

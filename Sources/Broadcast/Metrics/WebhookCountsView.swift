/// How the deliveries of one webhook stand, for metrics.
public struct WebhookCountsView: Sendable, Equatable {
  /// Its name; never its URL, which may hold a secret.
  public var name: String
  /// Deliveries that were accepted.
  public var delivered: UInt64 = 0
  /// Attempts that failed, those that are tried again included.
  public var failedAttempts: UInt64 = 0
  /// Deliveries that were given up.
  public var dead: UInt64 = 0
  /// Deliveries that wait.
  public var waiting: UInt64 = 0
  /// Whether nothing is sent to it any more.
  public var isDisabled = false

  /// A webhook that nothing was sent to.
  public init(name: String) { self.name = name }

  /// Writes the families of webhooks.
  public static func write(_ webhooks: [WebhookCountsView], to text: inout PrometheusText) {
    func family(
      _ name: String, _ kind: PrometheusText.Kind, _ help: String, _ value: (WebhookCountsView) -> UInt64
    ) {
      text.family(name, kind, help) { family in
        for webhook in webhooks { family.sample([("webhook", webhook.name)], value(webhook)) }
      }
    }
    family("betterbot_webhook_delivered_total", .counter, "Deliveries that were accepted.") { $0.delivered }
    family("betterbot_webhook_failed_attempts_total", .counter, "Attempts to deliver that failed.") {
      $0.failedAttempts
    }
    family("betterbot_webhook_dead_letters_total", .counter, "Deliveries that were given up.") { $0.dead }
    family("betterbot_webhook_waiting", .gauge, "Deliveries that wait.") { $0.waiting }
    family("betterbot_webhook_disabled", .gauge, "1 when nothing is sent to it any more.") {
      $0.isDisabled ? 1 : 0
    }
  }
}

extension WebhookCounts {
  /// How each webhook stands, by name.
  public var views: [WebhookCountsView] {
    snapshot.sorted { $0.key < $1.key }.map { name, counts in
      var view = WebhookCountsView(name: name)
      view.delivered = counts.delivered
      view.failedAttempts = counts.failed
      view.dead = counts.dead
      view.waiting = UInt64(max(counts.waiting, 0))
      view.isDisabled = !counts.isEnabled
      return view
    }
  }
}

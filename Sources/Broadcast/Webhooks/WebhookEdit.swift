public import Journal
internal import Net
internal import OrderFlow

/// One change of the webhooks, as the command line sends it to a running engine or makes it itself.
public struct WebhookEdit: Equatable, Sendable {
  /// What is to be done.
  public enum Action: Equatable, Sendable {
    /// Adds a webhook; its times are those of the edit.
    case add(WebhookRecord)
    case remove(String)
    /// Gives a webhook a new secret; the old one is good for a day.
    case rotate(String, secret: [UInt8])
    case pause(String)
    case resume(String)
    /// Sends all again that was given up.
    case resend(String)
    /// Sends one delivery again, by the number of its row.
    case resendOne(Int64)
  }

  /// How long the secret before a rotation is good, ms.
  public static let rotationMilliseconds: Int64 = 86_400_000
  /// What each line begins with.
  public static let word = "webhook"

  /// What is to be done.
  public var action: Action
  /// When it was asked for, ms since 1970 UTC.
  public var now: Int64

  /// A change at a time, ms since 1970 UTC.
  public init(_ action: Action, at now: Int64) {
    self.action = action
    self.now = now
  }

  /// Does it, and says in one sentence what was done.
  ///
  /// - Throws: `JournalError`, with `misuse` for what the user asked for wrongly.
  @discardableResult
  public func apply(to journal: Journal) throws(JournalError) -> String {
    switch action {
    case .add(var webhook):
      try protect(journal)
      webhook.createdMilliseconds = now
      if let problem = WebhookEdit.problem(with: webhook) { throw failure(problem, journal) }
      try journal.add(webhook: webhook)
      return "the webhook \(webhook.name) is there; it is sent the signals from now on"
    case .remove(let name):
      guard try journal.remove(webhook: name) else { throw missing(name, journal) }
      return "the webhook \(name) is gone"
    case .rotate(let name, let secret):
      try protect(journal)
      let until = now &+ WebhookEdit.rotationMilliseconds
      guard try journal.rotate(webhook: name, secret: secret, previousUntil: until) else {
        throw missing(name, journal)
      }
      return "the webhook \(name) has a new secret; for a day deliveries are signed with both"
    case .pause(let name):
      guard let webhook = try journal.webhook(named: name) else { throw missing(name, journal) }
      try journal.disable(webhook: webhook.id, at: now, reason: "paused")
      return "the webhook \(name) is sent nothing until it is resumed"
    case .resume(let name):
      guard try journal.resume(webhook: name, at: now) else { throw missing(name, journal) }
      return "the webhook \(name) is sent the signals from now on"
    case .resend(let name):
      guard let webhook = try journal.webhook(named: name) else { throw missing(name, journal) }
      let count = try journal.resend(webhook: webhook.id, at: now)
      return "\(count) \(count == 1 ? "delivery is" : "deliveries are") sent again"
    case .resendOne(let id):
      guard try journal.resend(delivery: id, at: now) else {
        throw failure("no delivery \(id) was given up; betterbot webhook deliveries NAME shows them", journal)
      }
      return "the delivery is sent again"
    }
  }

  /// What is wrong with a webhook to be added, and what to do; nil when nothing is.
  public static func problem(with webhook: WebhookRecord) -> String? {
    if webhook.name.wholeMatch(of: /[A-Za-z0-9._-]{1,64}/) == nil {
      return "a webhook's name has 1 to 64 letters, digits, dots, dashes and underscores"
    }
    if !WebhookURL.isOne(webhook.url) {
      return """
        a webhook's url is https:// or http:// with a host and what comes after it, at most \(WebhookURL.most) \
        characters of ASCII without blanks
        """
    }
    let filter = webhook.filter
    if [filter.rule, filter.market, filter.token, filter.user].contains(where: { $0?.utf8.count ?? 0 > 512 })
    {
      return "a filter of a webhook has at most 512 bytes"
    }
    return nil
  }

  private func protect(_ journal: Journal) throws(JournalError) {
    if let problem = DataDirectory.tighten(journal: journal.path) { throw failure(problem, journal) }
  }

  private func missing(_ name: String, _ journal: Journal) -> JournalError {
    failure("there is no webhook of the name \(name); betterbot webhook list shows those there are", journal)
  }

  private func failure(_ text: String, _ journal: Journal) -> JournalError {
    JournalError(code: .misuse, file: journal.path, message: text)
  }
}

import OrderFlow

/// Somebody who is sent signals over HTTP.
public struct WebhookRecord: Equatable, Sendable {
  /// How many webhooks a journal takes, so that each can have connections of its own.
  public static let limit = 64
  /// How many bytes a secret has.
  public static let secretBytes = 24...64

  /// Given by the journal; 0 before that.
  public var id: Int64 = 0
  /// What people call it; no two have the same.
  public var name: String
  /// Where to send. Path and query may be a secret: never logged.
  public var url: String
  /// What the receiver understands.
  public var format: WebhookFormat
  /// Which signals are sent.
  public var filter = WebhookFilter()
  /// What deliveries are signed with.
  public var secret: [UInt8]
  /// What they are signed with as well until `previousUntil`.
  public var previousSecret: [UInt8]?
  /// When the previous secret ends, ms since 1970 UTC.
  public var previousUntil: Int64?
  /// Whether the receiver may be in the own network.
  public var allowsPrivate = false
  /// When it was made, ms since 1970 UTC.
  public var createdMilliseconds: Int64
  /// Since when nothing is sent, ms since 1970 UTC; nil: it works.
  public var disabledMilliseconds: Int64?
  /// Why nothing is sent.
  public var reason: String?

  /// A webhook that gets every signal.
  public init(name: String, url: String, format: WebhookFormat, secret: [UInt8], createdMilliseconds: Int64) {
    self.name = name
    self.url = url
    self.format = format
    self.secret = secret
    self.createdMilliseconds = createdMilliseconds
  }

  static let columns = """
    id, name, url, format, rule, market, token, user, severity, secret, previous_secret, previous_until_ms,
    allows_private, created_ms, disabled_ms, reason
    """

  /// Reads the current row of `SELECT` with `columns`.
  ///
  /// - Throws: `JournalError` with `corrupt` when the format or the severity is none.
  init(_ row: Statement) throws(JournalError) {
    guard let format = row.text(3).flatMap({ WebhookFormat(rawValue: $0) }),
      let severity = Int(exactly: row.integer(8)).flatMap({ Severity(rawValue: $0) })
    else {
      throw JournalError(
        code: .corrupt, file: row.connection.file,
        message: "the webhook number \(row.integer(0)) is damaged; remove its row from webhooks")
    }
    id = row.integer(0)
    name = row.text(1) ?? ""
    url = row.text(2) ?? ""
    self.format = format
    filter.rule = row.text(4)
    filter.market = row.text(5)
    filter.token = row.text(6)
    filter.user = row.text(7)
    filter.minimumSeverity = severity
    secret = row.blob(9)
    previousSecret = row.isNull(10) ? nil : row.blob(10)
    previousUntil = row.isNull(11) ? nil : row.integer(11)
    allowsPrivate = row.integer(12) != 0
    createdMilliseconds = row.integer(13)
    disabledMilliseconds = row.isNull(14) ? nil : row.integer(14)
    reason = row.text(15)
  }
}

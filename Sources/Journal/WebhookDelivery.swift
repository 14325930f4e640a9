public import OrderFlow

/// A signal that a webhook is still to be sent, or that was given up.
public struct WebhookDelivery: Equatable, Sendable {
  /// The row of the outbox.
  public var id: Int64
  /// The webhook.
  public var webhook: Int64
  /// The number of the signal.
  public var number: Int64
  /// The signal; nil when it is not in the journal any more, or cannot be read.
  public var signal: Signal?
  /// When the signal was stored, or was last asked to be sent again, ms since 1970 UTC.
  public var createdMilliseconds: Int64
  /// How often it has been tried since then.
  public var attempts: Int64
  /// When to try next, ms since 1970 UTC.
  public var nextMilliseconds: Int64
  /// When it was given up, ms since 1970 UTC; nil: it waits.
  public var deadMilliseconds: Int64?
  /// What the receiver last answered; nil: nothing.
  public var status: Int64?
  /// What went wrong last.
  public var reason: String?

  /// A delivery that was not tried yet.
  public init(id: Int64, webhook: Int64, number: Int64, signal: Signal?, createdMilliseconds: Int64) {
    self.id = id
    self.webhook = webhook
    self.number = number
    self.signal = signal
    self.createdMilliseconds = createdMilliseconds
    attempts = 0
    nextMilliseconds = createdMilliseconds
  }

  /// What a query selects of `outbox o`; the signal's columns come before.
  static let columns = """
    o.id, o.webhook, o.signal, o.created_ms, o.attempts, o.next_ms, o.dead_ms, o.status, o.reason
    """

  /// Reads the current row of `JournalReader.deliveries`.
  init(_ row: Statement) {
    let base = Int32(SignalRows.columns.count)
    let own = base + StoredSignal.ownColumnCount
    id = row.integer(own)
    webhook = row.integer(own + 1)
    number = row.integer(own + 2)
    createdMilliseconds = row.integer(own + 3)
    attempts = row.integer(own + 4)
    nextMilliseconds = row.integer(own + 5)
    deadMilliseconds = row.isNull(own + 6) ? nil : row.integer(own + 6)
    status = row.isNull(own + 7) ? nil : row.integer(own + 7)
    reason = row.text(own + 8)
    // A signal that cannot be read must not stand in the way of the others.
    signal = row.isNull(base) ? nil : try? StoredSignal(row).signal
  }
}

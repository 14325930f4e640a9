internal import Journal

/// What a look into the outbox shows.
struct OutboxLook: Sendable {
  /// What to look for.
  struct Order: Sendable {
    /// The time, ms since 1970 UTC.
    var now: Int64
    /// How many more deliveries each webhook can take; others take `usual`.
    var room: [Int64: Int]
    /// For webhooks that are new.
    var usual: Int
    /// Deliveries that were taken and are not written back yet, by webhook.
    var inHand: [Int64: Set<Int64>]
    /// Whether to count what waits, which takes as long as it is much.
    var counts: Bool
  }

  /// What there is for one webhook.
  struct Lane: Sendable {
    var webhook: WebhookRecord
    /// What is due and not in hand.
    var due: [WebhookDelivery]
    /// Whether more may be due.
    var hasMore: Bool
    /// When the next one is due; nil: none waits.
    var next: Int64?
    /// How many wait; nil: not counted.
    var waiting: Int?
  }

  /// Webhooks that work.
  var lanes: [Lane] = []
  /// Names of those that do not.
  var disabled: [String] = []
  /// Why nothing may be sent; nil when it may.
  var problem: String?

  /// Looks. Blocks while it reads.
  static func read(journal: String, _ order: Order) throws(JournalError) -> OutboxLook {
    let reader = try JournalReader(path: journal)
    var look = OutboxLook()
    for webhook in try reader.webhooks() {
      if webhook.disabledMilliseconds != nil {
        look.disabled.append(webhook.name)
        continue
      }
      if look.lanes.isEmpty, let problem = DataDirectory.problem(journal: journal) {
        return OutboxLook(problem: problem)
      }
      look.lanes.append(try lane(webhook, reader, order))
    }
    return look
  }

  private static func lane(
    _ webhook: WebhookRecord, _ reader: JournalReader, _ order: Order
  ) throws(JournalError) -> Lane {
    let room = order.room[webhook.id] ?? order.usual
    let inHand = order.inHand[webhook.id] ?? []
    let limit = room + inHand.count
    let rows = room > 0 ? try reader.dueDeliveries(of: webhook.id, at: order.now, limit: limit) : []
    return Lane(
      webhook: webhook, due: Array(rows.filter { !inHand.contains($0.id) }.prefix(room)),
      hasMore: room == 0 || rows.count == limit,
      next: try reader.nextDelivery(of: webhook.id, after: order.now),
      waiting: order.counts ? try reader.deliveryCounts(of: webhook.id).waiting : nil)
  }
}

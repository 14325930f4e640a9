import Broadcast

/// What a live run measures while it goes: on the engine's thread, once a transaction.
///
/// A batch is what one transaction stores: its size in orders says how much came while the one before was stored,
/// so that it grows with the load. The commit time is what the journal takes for it, the waiting for the disk
/// included. The end-to-end time is that of each message of a stream, from its receipt to the moment at which
/// everything it led to is stored and handed on; what REST brings was not waited for and has none.
///
/// The costs are a pass over the times of a batch, a bucket's look-up of at most 18 comparisons for each, and a few
/// additions without a lock for all of them.
struct LiveMetrics {
  private let batchOrders: HistogramSeries
  private let commitSeconds: HistogramSeries
  private let endToEndSeconds: HistogramSeries

  /// Finds its series.
  init(_ registry: PrometheusRegistry) {
    registry.describe(
      "betterbot_batch_orders",
      PrometheusRegistry.Description(
        "Orders of one transaction.", buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]))
    registry.describe(
      "betterbot_commit_seconds",
      PrometheusRegistry.Description("What the journal took for a transaction with orders."))
    registry.describe(
      "betterbot_end_to_end_seconds",
      PrometheusRegistry.Description("From the receipt of a message to stored and handed on."))
    batchOrders = registry.histogram("betterbot_batch_orders")
    commitSeconds = registry.timer("betterbot_commit_seconds")
    endToEndSeconds = registry.timer("betterbot_end_to_end_seconds")
  }

  /// Notes a transaction: its orders, what storing it took, and how long each message was on its way, ns.
  func note(orders: Int, commit: UInt64, latencies: [UInt64]) {
    if orders > 0 {
      batchOrders.record(Double(orders))
      commitSeconds.recordNanoseconds(commit)
    }
    endToEndSeconds.recordNanoseconds(latencies)
  }
}

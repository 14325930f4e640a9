internal import Synchronization

/// What the webhooks have done in this run, by name; for metrics.
public final class WebhookCounts: Sendable {
  /// The counts of one webhook.
  public struct Counts: Equatable, Sendable {
    /// Attempts.
    public var sent: UInt64 = 0
    /// Attempts that the receiver accepted.
    public var delivered: UInt64 = 0
    /// Attempts that it did not accept.
    public var failed: UInt64 = 0
    /// Deliveries that were given up.
    public var dead: UInt64 = 0
    /// Deliveries that waited when it was last looked.
    public var waiting = 0
    /// Whether it is sent anything.
    public var isEnabled = true

    /// Nothing yet.
    public init() {}
  }

  private let counts = Mutex<[String: Counts]>([:])

  /// Nothing yet.
  public init() {}

  /// The counts by the webhooks' names.
  public var snapshot: [String: Counts] { counts.withLock { $0 } }

  func update(_ name: String, _ change: (inout Counts) -> Void) {
    counts.withLock { change(&$0[name, default: Counts()]) }
  }

  /// Forgets those that are not among the names.
  func keep(_ names: Set<String>) { counts.withLock { $0 = $0.filter { names.contains($0.key) } } }
}

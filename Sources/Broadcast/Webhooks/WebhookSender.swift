public import Journal
public import Logging
internal import Net
internal import OrderFlow
internal import Synchronization

/// Sends what stands in the outbox of a journal to the webhooks, until it is cancelled.
///
/// At least once: what was accepted but not noted, because the program was killed in between, is sent again with
/// the same `webhook-id`. One that does not answer delays no other.
public final class WebhookSender: Sendable {
  /// Has something written into the journal, in a transaction of its own, and returns when it is committed.
  public typealias Edit =
    @Sendable (
      @escaping @Sendable (Journal) throws(JournalError) -> Void
    ) async throws(EditFailure) -> Void

  /// How it sends.
  public struct Options: Sendable {
    /// A file with roots (PEM) to trust in addition to the system's.
    public var certificateFile: String?
    var schedule = DeliverySchedule()
    /// The limit for one delivery, from the look-up of the name to the end of the answer.
    var timeout: Duration = .seconds(15)
    /// Longer answers are no answers, bytes.
    var maximumAnswer = 65_536
    /// Milliseconds since 1970 UTC.
    var clock: @Sendable () -> Int64 = AccessClock.system.wall

    /// The customary ones.
    public init() {}
  }

  /// What has been done so far.
  public let counts = WebhookCounts()

  let journal: String
  let log: Logger
  let options: Options
  let edit: Edit
  private let bell = Bell()
  /// Whether nobody wants signals: then they are no news.
  private let isIdle = Atomic(false)

  /// A sender for the journal at a path; `edit` writes into it.
  public init(journal: String, log: Logger, options: Options = Options(), edit: @escaping Edit) {
    self.journal = journal
    self.log = log
    self.options = options
    self.edit = edit
  }

  /// Signals were committed. Costs next to nothing, on any thread.
  public func notice() {
    if !isIdle.load(ordering: .relaxed) { bell.ring() }
  }

  /// Webhooks were changed, or something is to be sent again.
  public func noticeChange() { bell.ring() }

  /// Sends until the task is cancelled.
  public func run() async {
    await withTaskGroup(of: WebhookRound.Event.self) { group in
      var round = WebhookRound(self)
      group.addTask { [bell] in
        await bell.wait()
        return .news
      }
      round.step(&group)
      while !Task.isCancelled, let event = await group.next() {
        if case .news = event {
          group.addTask { [bell] in
            await bell.wait()
            return .news
          }
        }
        round.take(event)
        isIdle.store(round.isIdle, ordering: .relaxed)
        round.step(&group)
      }
      group.cancelAll()
      // What was answered already is noted, so that it is not sent twice.
      for await event in group { round.take(event) }
      await round.end()
    }
  }
}

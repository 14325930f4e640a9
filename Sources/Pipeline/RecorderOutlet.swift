public import Feeds

/// A recorder as the place where live feeds put what they bring.
///
/// When the recorder is full or has failed, the feeds are told that nobody takes any more.
public actor RecorderOutlet: FeedOutlet {
  private let recorder: Recorder
  private let boards: [FeedBoard]
  private let over = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
  private var failure: FeedError?

  /// Begins a recording. Throws when its file cannot be made.
  ///
  /// The boards are those of the feeds, which learn from them how far the recording reaches.
  public init(_ options: Recorder.Options, boards: [FeedBoard] = []) throws(FeedError) {
    recorder = try Recorder(options)
    self.boards = boards
  }

  /// Orders recorded so far.
  public var orders: UInt64 { recorder.orders }

  /// Returns when the recording is full or has failed, or the task is cancelled; one task may wait.
  public nonisolated func untilOver() async { for await _ in over.stream { return } }

  /// Records an item; throws when the recording is at its end.
  public func send(_ item: FeedItem) async throws(CancellationError) {
    if failure != nil || recorder.isFull { throw CancellationError() }
    do throws(FeedError) {
      try recorder.take(item)
    } catch {
      failure = error
      over.continuation.yield()
      throw CancellationError()
    }
    if recorder.isFull { over.continuation.yield() }
    for (source, time) in recorder.takeNewest() {
      boards.first { $0.source == source }?.noteStored(time)
    }
  }

  /// Ends the recording; throws what went wrong before, too.
  public func finish() throws(FeedError) -> RecordingManifest {
    if let failure { throw failure }
    return try recorder.finish()
  }
}

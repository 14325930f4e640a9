import Feeds
import NIOCore
import Glibc

/// The bounded queue between the feeds and the engine: feeds wait in it without a thread, the engine with one.
///
/// `@unchecked Sendable`: every member is touched under the mutex alone.
final class LiveQueue: FeedOutlet, @unchecked Sendable {
  /// How many items and bytes wait.
  struct Depth {
    var items = 0
    var bytes = 0
  }

  /// Most items that wait.
  let limit: Int
  private let byteLimit: Int
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let filled: UnsafeMutablePointer<pthread_cond_t>
  private var items: [FeedItem] = []
  private var bytes = 0
  private var isShut = false
  private var isWoken = false
  private var isReceiverWaiting = false
  private var senders: [CheckedContinuation<Void, Never>] = []

  /// A queue of at most so many items, and so many bytes of messages.
  init(limit: Int = 8192, byteLimit: Int = 64 << 20) {
    self.limit = limit
    self.byteLimit = byteLimit
    mutex = .allocate(capacity: 1)
    filled = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(filled, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(filled)
    pthread_mutex_destroy(mutex)
    filled.deallocate()
    mutex.deallocate()
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }

  // MARK: Feeds

  private enum Offer { case taken, full, closed }

  func send(_ item: FeedItem) async throws(CancellationError) {
    while true {
      if Task.isCancelled { throw CancellationError() }
      switch offer(item) {
      case .taken: return
      case .closed: throw CancellationError()
      case .full: await waitForRoom()
      }
    }
  }

  private func offer(_ item: FeedItem) -> Offer {
    let (offer, mustSignal): (Offer, Bool) = locked {
      if isShut { return (.closed, false) }
      if isFull { return (.full, false) }
      items.append(item)
      bytes += item.byteCount
      defer { isReceiverWaiting = false }
      return (.taken, isReceiverWaiting)
    }
    // Outside of the lock, which the receiver takes as soon as it wakes; once is enough.
    if mustSignal { pthread_cond_signal(filled) }
    return offer
  }

  private var isFull: Bool { items.count >= limit || (bytes >= byteLimit && !items.isEmpty) }

  /// Returns when there may be room, or when the task is cancelled.
  private func waitForRoom() async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let mustWait = locked {
          guard isFull, !isShut, !Task.isCancelled else { return false }
          senders.append(continuation)
          return true
        }
        if !mustWait { continuation.resume() }
      }
    } onCancel: {
      wakeSenders()
    }
  }

  /// Lets every waiting sender look again.
  private func wakeSenders() {
    let waiting = locked {
      defer { senders = [] }
      return senders
    }
    for sender in waiting { sender.resume() }
  }

  // MARK: Engine

  /// Takes what waits until it has `most` orders and messages; waits for it until `deadline` (monotonic ns).
  ///
  /// Rows of one REST page stay together, so that it may be a little more. nil when the queue is closed and empty. An empty list when nothing came in time, or somebody called `wake`.
  func receive(most: Int, until deadline: UInt64) -> [FeedItem]? {
    pthread_mutex_lock(mutex)
    var time = timespec(
      tv_sec: Int(deadline / 1_000_000_000), tv_nsec: Int(deadline % 1_000_000_000))
    while items.isEmpty, !isShut, !isWoken {
      isReceiverWaiting = true
      if pthread_cond_timedwait(filled, mutex, &time) != 0 { break }
    }
    isReceiverWaiting = false
    isWoken = false
    let isOver = items.isEmpty && isShut
    let taken = takeItems(most)
    let hasWaiting = !senders.isEmpty && !isFull
    pthread_mutex_unlock(mutex)
    if hasWaiting { wakeSenders() }
    return isOver ? nil : taken
  }

  /// The first items, until they hold `most` orders and messages; under the mutex.
  private func takeItems(_ most: Int) -> [FeedItem] {
    var count = 0
    var events = 0
    while count < items.count, events < most {
      events += items[count].eventCount
      bytes -= items[count].byteCount
      count += 1
    }
    if count < items.count {
      defer { items.removeFirst(count) }
      return Array(items.prefix(count))
    }
    let taken = items
    items = []
    items.reserveCapacity(min(taken.count * 2, limit))
    return taken
  }

  /// Lets the engine return from `receive` although nothing came.
  func wake() {
    locked {
      isWoken = true
      pthread_cond_signal(filled)
    }
  }

  /// Lets nothing more in; what is in can still be received.
  func close() {
    locked {
      isShut = true
      pthread_cond_signal(filled)
    }
    wakeSenders()
  }

  /// Whether nothing more is let in.
  var isClosed: Bool { locked { isShut } }

  /// What waits now.
  var depth: Depth { locked { Depth(items: items.count, bytes: bytes) } }
}

extension FeedItem {
  /// What the engine counts it as: a message as one order, whatever is in it.
  var eventCount: Int {
    if case .rows(let rows) = self { rows.count + rows.deadLetters.count } else { 1 }
  }

  /// How much memory it holds, roughly.
  var byteCount: Int {
    switch self {
    case .message(let message): message.bytes.readableBytes
    case .rows(let rows): rows.count * 600
    case .gap, .audited: 0
    }
  }
}

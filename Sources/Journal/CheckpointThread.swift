import CSQLite
import Glibc

/// The thread that checkpoints when it is asked to, and what it shares with the writer.
///
/// `@unchecked Sendable`: the connection is used and closed by the thread alone once it runs, `thread` by the
/// writer alone, and everything else is touched under the mutex.
final class CheckpointThread: @unchecked Sendable {
  private var connection: Connection?
  private var thread = pthread_t()
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var isWanted = false
  private var isBusy = false
  private var isStopping = false
  private var copied = 0
  private var counted = CheckpointCounts()

  /// Takes a connection of its own; `start` begins.
  init(_ connection: Connection) {
    self.connection = connection
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Begins to wait for requests; false when the system has no more threads to give.
  func start() -> Bool {
    let context = Unmanaged.passRetained(self)
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<CheckpointThread>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    if status != 0 { context.release() }
    return status == 0
  }

  /// Asks for a checkpoint; one that is asked for already does for both.
  func request() {
    locked { isWanted = true }
  }

  /// Pages of the log that are in the file, on the disk; nil while the thread is at work.
  var progress: Int? { locked { isWanted || isBusy ? nil : copied } }

  /// Notes that the log has begun again.
  func restart() {
    locked { copied = 0 }
  }

  /// Ends the thread after what it is doing, and waits for it.
  func stop() {
    locked { isStopping = true }
    pthread_join(thread, nil)
  }

  /// Waits until nothing is asked for and nothing is being done.
  func waitUntilIdle() {
    pthread_mutex_lock(mutex)
    while isWanted || isBusy { pthread_cond_wait(changed, mutex) }
    pthread_mutex_unlock(mutex)
  }

  /// What was done so far; the body may change it.
  func withCounts<Result>(_ body: (inout CheckpointCounts) -> Result) -> Result {
    locked { body(&counted) }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    let result = body()
    pthread_cond_broadcast(changed)
    return result
  }

  // MARK: On the thread

  private func run() {
    while waitForRequest() {
      do throws(JournalError) {
        _ = try connection?.checkpoint(mode: SQLITE_CHECKPOINT_PASSIVE)
        // Else the writer would wait for all of it when it begins the log again.
        try connection?.syncFile()
        locked {
          counted.finished += 1
          copied = connection?.copiedPages ?? 0
        }
      } catch {
        withCounts { $0.note(error) }
      }
      locked { isBusy = false }
    }
    connection = nil
  }

  /// True when there is something to do, false when it is over.
  private func waitForRequest() -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while !isWanted, !isStopping { pthread_cond_wait(changed, mutex) }
    if isStopping {
      // Nobody may wait for what will not be done.
      isWanted = false
      pthread_cond_broadcast(changed)
      return false
    }
    isWanted = false
    isBusy = true
    return true
  }
}

extension CheckpointCounts {
  mutating func note(_ error: JournalError) {
    failed += 1
    lastError = error
  }
}

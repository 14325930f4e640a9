import COrderFlow
import CRuleVM
import Glibc
import Synchronization

/// The rules of an engine, spread over threads; each thread sees every order in order.
///
/// With one thread everything runs on the caller's. With more, workers wait for a batch, run their rules over
/// it and report; the caller waits for all. Rules share nothing but the symbols, which nobody changes meanwhile.
final class ShardGroup {
  private let shards: [[RuleRunner]]
  private let gate: ShardGate?

  init(_ runners: [RuleRunner], threads: Int) {
    let count = max(1, min(threads, runners.count, 32))
    var shards: [[RuleRunner]] = Array(repeating: [], count: count)
    for (place, runner) in runners.enumerated() { shards[place % count].append(runner) }
    self.shards = shards
    gate = count > 1 ? ShardGate(shards: Array(shards.dropFirst())) : nil
    ShardGroup.watchThisThread()
  }

  /// Runs every rule over the batch; returns when all are done.
  func run(_ orders: UnsafePointer<bb_order>, count: Int32) {
    ShardGroup.watchThisThread()
    gate?.open(orders, count)
    ShardGroup.run(shards[0], orders, count)
    gate?.wait()
  }

  /// Ends the workers.
  func stop() { gate?.stop() }

  fileprivate static func run(_ runners: [RuleRunner], _ orders: UnsafePointer<bb_order>, _ count: Int32) {
    var last = threadTime()
    for runner in runners {
      runner.run(orders, count: count)
      let now = threadTime()
      runner.addTime(now &- last)
      last = now
    }
  }

  fileprivate static func watchThisThread() { _ = crv_watch_thread() }

  private static func threadTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
  }
}

/// The hand-over between the caller and the workers: a batch number going up, and a count of who is done.
///
/// `@unchecked Sendable`: the runners of a shard are touched by its worker only between `open` and its report,
/// and by the caller only outside that stretch; the mutex orders the two.
private final class ShardGate: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var generation: UInt64 = 0
  private var pending = 0
  private var ended = false
  private var orders: UnsafePointer<bb_order>?
  private var count: Int32 = 0
  private let shards: [[RuleRunner]]
  private var threads: [NativeThread] = []

  init(shards: [[RuleRunner]]) {
    self.shards = shards
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    for place in shards.indices { threads.append(NativeThread { [unowned self] in self.work(place) }) }
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  private func work(_ place: Int) {
    ShardGroup.watchThisThread()
    var seen: UInt64 = 0
    while true {
      pthread_mutex_lock(mutex)
      while generation == seen, !ended { pthread_cond_wait(changed, mutex) }
      seen = generation
      let (orders, count, ended) = (orders, count, ended)
      pthread_mutex_unlock(mutex)
      if ended { break }
      if let orders { ShardGroup.run(shards[place], orders, count) }
      pthread_mutex_lock(mutex)
      pending -= 1
      if pending == 0 { pthread_cond_broadcast(changed) }
      pthread_mutex_unlock(mutex)
    }
    crv_unwatch_thread()
  }

  func open(_ orders: UnsafePointer<bb_order>, _ count: Int32) {
    pthread_mutex_lock(mutex)
    self.orders = orders
    self.count = count
    pending = shards.count
    generation += 1
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }

  func wait() {
    pthread_mutex_lock(mutex)
    while pending > 0 { pthread_cond_wait(changed, mutex) }
    pthread_mutex_unlock(mutex)
  }

  func stop() {
    pthread_mutex_lock(mutex)
    ended = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
    for thread in threads { thread.join() }
    threads = []
  }
}

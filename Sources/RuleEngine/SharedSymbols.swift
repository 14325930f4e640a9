import Glibc
import Synchronization

/// The symbols of an engine, shared with the rules that are being prepared beside it.
///
/// The engine's thread uses them for every batch; a draft's thread a few microseconds at a time, for a small part of
/// its work, and it lets the engine pass first. While a draft is under way nothing is swept, since its windows are not looked at.
///
/// `@unchecked Sendable`: the table is touched only between `enter` and `leave`, or `yieldingly`, which hold
/// the mutex.
final class SharedSymbols: @unchecked Sendable {
  let table: UnsafeMutablePointer<SymbolTable>
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let isEngineWaiting = Atomic(false)
  private let drafts = Atomic(0)

  init() {
    table = .allocate(capacity: 1)
    table.initialize(to: SymbolTable())
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
    table.deinitialize(count: 1)
    table.deallocate()
  }

  /// Takes the symbols for the engine; to be followed by `leave`.
  @inline(__always)
  func enter() {
    if pthread_mutex_trylock(mutex) == 0 { return }
    isEngineWaiting.store(true, ordering: .relaxed)
    pthread_mutex_lock(mutex)
    isEngineWaiting.store(false, ordering: .relaxed)
  }

  /// Gives them back.
  @inline(__always)
  func leave() { pthread_mutex_unlock(mutex) }

  /// Runs `body` with the symbols as soon as the engine does not want them; the body must be short.
  func yieldingly(_ body: (UnsafeMutablePointer<SymbolTable>) -> Void) {
    while isEngineWaiting.load(ordering: .relaxed) { sched_yield() }
    pthread_mutex_lock(mutex)
    body(table)
    pthread_mutex_unlock(mutex)
  }

  /// Whether so many texts came in since the last sweep that one is due, and may be.
  var isSweepDue: Bool { table.pointee.isSweepDue && drafts.load(ordering: .relaxed) == 0 }

  /// Notes that windows which no sweep knows of hold symbols from here on, until `endDraft`.
  func beginDraft() {
    // Under the mutex, so that no sweep is going on.
    yieldingly { _ in drafts.add(1, ordering: .relaxed) }
  }

  /// Notes that a draft's windows are gone, or the engine's.
  func endDraft() { drafts.subtract(1, ordering: .relaxed) }
}

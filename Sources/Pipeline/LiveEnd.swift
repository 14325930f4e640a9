import Journal
import Synchronization

/// The end of an engine's thread, for tasks to wait for.
final class LiveEnd: Sendable {
  private struct State {
    var result: Result<Void, JournalError>?
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  /// Notes how the thread ended.
  func finish(_ result: Result<Void, JournalError>) {
    let waiting = state.withLock { state in
      state.result = result
      defer { state.waiting = [] }
      return state.waiting
    }
    for task in waiting { task.resume() }
  }

  /// Waits for the end, also in a task that is cancelled: what is being committed must not be cut off.
  func value() async throws(JournalError) {
    while true {
      if let result = state.withLock({ $0.result }) { return try result.get() }
      await withCheckedContinuation { task in
        let mustWait = state.withLock { state in
          if state.result == nil { state.waiting.append(task) }
          return state.result == nil
        }
        if !mustWait { task.resume() }
      }
    }
  }

  /// Waits for the end, or until the task is cancelled; throws what the thread did.
  func orCancelled() async throws {
    await withTaskCancellationHandler {
      await withCheckedContinuation { task in
        let mustWait = state.withLock { state in
          guard state.result == nil, !Task.isCancelled else { return false }
          state.waiting.append(task)
          return true
        }
        if !mustWait { task.resume() }
      }
    } onCancel: {
      // Lets everybody look again.
      wake()
    }
    try state.withLock { $0.result }?.get()
  }

  private func wake() {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for task in waiting { task.resume() }
  }
}

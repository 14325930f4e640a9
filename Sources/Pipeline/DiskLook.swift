import RuleEngine
import Synchronization

/// The version of what is in the rules folder, read at most once a second however many ask.
final class DiskLook: Sendable {
  private struct State {
    /// What was found, while which version ran, and when on the monotonic clock, ns.
    var found: (disk: String?, running: String, at: UInt64)?
    var isReading = false
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private static let life: UInt64 = 1_000_000_000

  private let options: LiveOptions
  private let state = Mutex(State())

  /// Looks at the folder of a run.
  init(_ options: LiveOptions) { self.options = options }

  /// The version on the disk; nil when it cannot be read. What was read before another version ran does not count.
  func version(running: String) async -> String? {
    while true {
      let now = MonotonicClock.now()
      let (known, mustRead): (String??, Bool) = state.withLock { state in
        if let found = state.found, found.running == running, now < found.at &+ DiskLook.life {
          return (.some(found.disk), false)
        }
        defer { state.isReading = true }
        return (nil, !state.isReading)
      }
      if let known { return known }
      if mustRead { return await read(running: running, now) }
      await reading()
    }
  }

  /// Waits until whoever reads is done.
  private func reading() async {
    await withCheckedContinuation { task in
      let mustWait = state.withLock { state in
        if state.isReading { state.waiting.append(task) }
        return state.isReading
      }
      if !mustWait { task.resume() }
    }
  }

  private func read(running: String, _ now: UInt64) async -> String? {
    let disk = await DiskLook.read(options)
    let waiting = state.withLock { state in
      state.found = (disk, running, now)
      state.isReading = false
      defer { state.waiting = [] }
      return state.waiting
    }
    for task in waiting { task.resume() }
    return disk
  }

  /// Reads it now.
  static func read(_ options: LiveOptions) async -> String? {
    let (folder, parameters) = (options.rules, options.parameters)
    return await OwnThread.run { () -> String? in
      do { return try RuleFolder.read(folder, parameters: parameters).version } catch { return nil }
    }
  }
}

/// When a rules folder is read again, and when what was read is loaded.
///
/// A change is followed by a time of quiet, since editors and checkouts write in several steps; a folder that does
/// not come to rest is read all the same after a while. What happens meanwhile is remembered, so that no change and
/// no request is lost, and many of them are one reload. Only decisions are made here; times are nanoseconds.
struct ReloadSchedule: Sendable {
  /// What is to be done now.
  enum Action: Equatable, Sendable {
    /// Nothing, until something happens.
    case none
    /// Call `timer` at that time, which may be past; a time that was named before counts no more.
    case wait(until: UInt64)
    /// Read the folder, then call `read`. Who has asked until now gets what this reading leads to.
    case read
    /// Load what was read, then call `finished`.
    case reload
    /// Say that changes wait until `.hold` is removed, then call `finished`.
    case sayHeld
    /// Say why the folder could not be read, then call `finished`.
    case sayUnreadable
  }

  /// What reading the folder came to.
  enum Reading: Equatable, Sendable {
    /// The version of what is there.
    case version(String)
    /// The folder changed meanwhile.
    case moved
    /// The reason.
    case unreadable(String)
  }

  private enum State: Equatable {
    case idle
    /// Waits for quiet. `since` is the first change of this round.
    case unrest(since: UInt64, due: UInt64, isForced: Bool)
    /// `since` is nil where no change began the round.
    case reading(since: UInt64?, isForced: Bool)
    /// Until `finished`.
    case busy
  }

  private let quiet: UInt64
  private let longestUnrest: UInt64
  private var state = State.idle
  /// The last change that came while the folder was read or loaded.
  private var noticedAt: UInt64?
  /// Somebody asked while the folder was read or loaded.
  private var isForceWaiting = false
  /// The version on disk that was dealt with last, for better or worse.
  private(set) var settled: String
  /// The reason that was said last.
  private var saidReason: String?
  /// Whether the folder was on hold when it was read last.
  private(set) var isHeld = false

  /// Begins with the version that runs and was read from the disk. `quiet` is in nanoseconds, an hour at most; a
  /// folder that changes all the time is read after ten times that, and not before 2 s.
  init(running: String, quiet: UInt64 = 200_000_000) {
    settled = running
    self.quiet = min(quiet, 3_600_000_000_000)
    longestUnrest = max(2_000_000_000, self.quiet * 10)
  }

  // MARK: Events

  /// Something changed in the folder.
  mutating func noticed(_ now: UInt64) -> Action {
    switch state {
    case .idle: return wait(since: now, now, isForced: false)
    case .unrest(let since, _, let isForced): return wait(since: since, now, isForced: isForced)
    case .reading, .busy:
      noticedAt = now
      return .none
    }
  }

  /// Somebody asked for a reload: without quiet, in spite of `.hold`, and though nothing has changed.
  mutating func forced() -> Action {
    isForceWaiting = true
    switch state {
    case .idle: return read(since: nil, isForced: true)
    case .unrest(let since, _, _): return read(since: since, isForced: true)
    case .reading, .busy: return .none
    }
  }

  /// The time has come that `wait` named.
  mutating func timer(_ now: UInt64) -> Action {
    guard case .unrest(let since, let due, let isForced) = state else { return .none }
    return now < due ? .wait(until: due) : read(since: since, isForced: isForced)
  }

  /// The folder was read. `running` is the version that runs.
  mutating func read(_ reading: Reading, running: String, isHeld: Bool, _ now: UInt64) -> Action {
    guard case .reading(let since, let isForced) = state else { return .none }
    // What was read may be older than the request; but of many requests each gets no more than one reading.
    if isForceWaiting && !isForced { return read(since: since, isForced: true) }
    if reading == .moved { return wait(since: now, now, isForced: isForced) }
    if let noticedAt, !isForced, now < (since ?? noticedAt) &+ longestUnrest {
      return wait(since: since ?? noticedAt, noticedAt, isForced: false)
    }
    let wasHeld = self.isHeld
    self.isHeld = isHeld
    if isHeld && !isForced { return wasHeld ? next() : busy(.sayHeld) }
    switch reading {
    case .moved: return .none
    case .unreadable(let reason):
      let isNew = saidReason != reason
      saidReason = reason
      return isNew || isForced ? busy(.sayUnreadable) : next()
    case .version(let version):
      saidReason = nil
      let isKnown = version == running || version == settled
      settled = version
      return isKnown && !isForced ? next() : busy(.reload)
    }
  }

  /// What was to be loaded or said is, well or badly.
  mutating func finished() -> Action { state == .busy ? next() : .none }

  /// A version of the folder was dealt with beside all this: it needs no reload.
  mutating func settle(_ version: String) { settled = version }

  /// What was dealt with may come to something else now: it is loaded again though it is the same.
  mutating func forget() { settled = "" }

  // MARK: Transitions

  private mutating func wait(since: UInt64, _ now: UInt64, isForced: Bool) -> Action {
    let due = min(now &+ quiet, since &+ longestUnrest)
    noticedAt = nil
    state = .unrest(since: since, due: due, isForced: isForced)
    return .wait(until: due)
  }

  private mutating func read(since: UInt64?, isForced: Bool) -> Action {
    state = .reading(since: since, isForced: isForced)
    noticedAt = nil
    if isForced { isForceWaiting = false }
    return .read
  }

  private mutating func busy(_ action: Action) -> Action {
    state = .busy
    return action
  }

  /// Goes on with what came meanwhile.
  private mutating func next() -> Action {
    if isForceWaiting { return read(since: nil, isForced: true) }
    if let noticedAt { return wait(since: noticedAt, noticedAt, isForced: false) }
    state = .idle
    return .none
  }
}

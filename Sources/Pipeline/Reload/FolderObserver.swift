import Glibc

/// Waits for changes of a rules folder: with inotify, and by looking now and then.
///
/// Looking is all there is where inotify has nothing to give or does not hear of changes (on a network file system);
/// elsewhere it is a safety net.
struct FolderObserver {
  /// What the wait came to.
  enum Outcome { case changed, nothing, stopped }

  /// How it goes about it.
  struct Options: Sendable {
    /// Off: only looking.
    var usesInotify = true
    /// Nanoseconds between two looks without inotify.
    var lookEvery: UInt64 = 1_000_000_000
    /// Nanoseconds between two looks with it.
    var checkEvery: UInt64 = 5_000_000_000
    /// Most folders that are watched with inotify, links counted; with more it only looks.
    var maximumWatches = 1024
  }

  private let path: String
  private let options: Options
  private var inotify: Inotify?
  private var plan: WatchPlan
  private var watched: [Int32: String] = [:]
  private var fingerprint: FolderFingerprint
  private var nextLook: UInt64 = 0
  /// Why inotify does not serve, as the system says it; nil while it does, or where it is not wanted.
  private(set) var reason: String?

  /// Begins to watch; what happens from now on is noticed.
  init(_ path: String, _ options: Options = Options()) {
    self.path = path
    self.options = options
    plan = WatchPlan(path)
    fingerprint = FolderFingerprint(path)
    watchAnew()
  }

  /// Waits for a change, for at most so many nanoseconds, or until the bell can be read.
  mutating func wait(bell: Int32 = -1, longest: UInt64) -> Outcome {
    let now = MonotonicClock.now()
    let left = min(nextLook > now ? nextLook - now : 0, longest)
    var descriptors = [
      pollfd(fd: inotify?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
    ]
    let milliseconds = left / 1_000_000 + (left % 1_000_000 > 0 ? 1 : 0)
    if poll(&descriptors, 2, Int32(clamping: milliseconds)) < 0 { return .nothing }
    if descriptors[1].revents != 0 { return .stopped }
    var effect = descriptors[0].revents != 0 ? takeEvents() : .nothing
    if effect == .nothing, MonotonicClock.now() >= nextLook {
      if FolderFingerprint(path) != fingerprint { effect = .move }
      scheduleLook()
    }
    switch effect {
    case .nothing: return .nothing
    case .change: fingerprint = FolderFingerprint(path)
    case .move: watchAnew()
    }
    return .changed
  }

  private mutating func takeEvents() -> WatchPlan.Effect {
    guard let inotify else { return .nothing }
    var effect = WatchPlan.Effect.nothing
    while let events = inotify.read() {
      if events.isEmpty { return effect }
      for event in events {
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return .move }
        guard let folder = watched[event.watch] else { continue }
        let next = plan.effect(of: event.mask, on: event.name, in: folder)
        if next == .move { return .move }
        if next == .change { effect = .change }
      }
    }
    return .move
  }

  // MARK: Watching

  /// Watches from scratch. Who calls says afterwards that something has changed, so that nothing falls between.
  private mutating func watchAnew() {
    watch()
    fingerprint = FolderFingerprint(path)
    scheduleLook()
  }

  private mutating func watch() {
    reason = nil
    stop()
    if !options.usesInotify { return }
    do throws(Inotify.Failure) {
      for _ in 0..<8 {
        plan = WatchPlan(path)
        // What has moved since the plan was made is not watched where it is now.
        if try begin(), WatchPlan(path) == plan { return }
      }
      throw Inotify.Failure(code: EAGAIN)
    } catch {
      stop()
      reason = ControlSocket.errorText(error.code)
    }
  }

  private mutating func stop() {
    inotify = nil
    watched = [:]
  }

  /// Watches what the plan says; false when something of it is gone.
  private mutating func begin() throws(Inotify.Failure) -> Bool {
    stop()
    let inotify = try Inotify.open().get()
    self.inotify = inotify
    if plan.watches.count > options.maximumWatches { throw Inotify.Failure(code: ENOSPC) }
    for (folder, mask) in plan.watches {
      do throws(Inotify.Failure) {
        watched[try inotify.add(folder, mask)] = folder
      } catch {
        if error.code == ENOENT || error.code == ENOTDIR { return false }
        throw error
      }
    }
    return true
  }

  private mutating func scheduleLook() {
    let isBlind = inotify == nil || plan.isRemote
    nextLook = MonotonicClock.now() &+ (isBlind ? options.lookEvery : options.checkEvery)
  }
}

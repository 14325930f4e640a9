import Glibc
import Logging
import RuleEngine
import Synchronization

/// Tells of changes of a rules folder.
enum FolderWatch {
  /// One element for whatever happened since the last was taken; the first at once, when the watch stands.
  ///
  /// A thread of its own does it, until nobody waits for the stream any more.
  static func notices(
    of folder: String, _ options: FolderObserver.Options = FolderObserver.Options(), log: Logger
  ) -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    let bell = Bell()
    continuation.onTermination = { _ in bell.ring() }
    let thread = NativeThread(stackBytes: 1 << 20) {
      var observer = FolderObserver(folder, options)
      var said: String?
      var outcome = FolderObserver.Outcome.changed
      while outcome != .stopped, !bell.isRung {
        if observer.reason != said, let reason = observer.reason {
          log.warning("\(folder) is looked at every second, since inotify does not serve: \(reason)")
        }
        said = observer.reason
        if outcome == .changed { continuation.yield() }
        outcome = observer.wait(bell: bell.descriptor, longest: bell.longestWait)
      }
      continuation.finish()
    }
    thread.detach()
    return stream
  }

  /// Ends the thread's wait.
  private final class Bell: Sendable {
    /// Can be read once the bell has rung; negative when the system had none to give.
    let descriptor: Int32
    private let end: Int32
    private let rung = Atomic(false)

    init() {
      var pair: [Int32] = [-1, -1]
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let isMade = socketpair(AF_UNIX, kind, 0, &pair) == 0
      descriptor = isMade ? pair[0] : -1
      end = isMade ? pair[1] : -1
    }

    var isRung: Bool { rung.load(ordering: .relaxed) }

    /// Nanoseconds. Without a descriptor the thread has to look itself.
    var longestWait: UInt64 { descriptor < 0 ? 500_000_000 : .max }

    func ring() {
      rung.store(true, ordering: .relaxed)
      if end >= 0 { send(end, [1], 1, Int32(MSG_NOSIGNAL)) }
    }

    deinit {
      for descriptor in [descriptor, end] where descriptor >= 0 { close(descriptor) }
    }
  }
}

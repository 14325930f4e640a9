import Glibc

/// The system's notices of changes in folders.
final class Inotify {
  /// One notice; `watch` is what `add` returned, negative when some were lost.
  struct Event {
    var watch: Int32
    var mask: UInt32
    /// Empty where the folder itself is meant.
    var name: String
  }

  /// To wait on.
  let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 65_536)

  private init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// Fails when the system has none to give.
  static func open() -> Result<Inotify, Failure> {
    let descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
    return descriptor < 0 ? .failure(Failure(code: errno)) : .success(Inotify(descriptor))
  }

  /// The system's number of what is wrong.
  struct Failure: Error { var code: Int32 }

  deinit { close(descriptor) }

  /// Watches a folder; the events name it by the result.
  func add(_ path: String, _ mask: UInt32) throws(Failure) -> Int32 {
    let watch = inotify_add_watch(descriptor, path, mask)
    if watch < 0 { throw Failure(code: errno) }
    return watch
  }

  /// What there is to read now, a part of it when that is much; nil when the descriptor is broken.
  func read() -> [Event]? {
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    if count < 0 { return errno == EAGAIN || errno == EINTR ? [] : nil }
    var events: [Event] = []
    buffer.withUnsafeBytes { bytes in
      var place = 0
      while place + 16 <= count {
        let length = Int(bytes.loadUnaligned(fromByteOffset: place + 12, as: UInt32.self))
        let end = min(place + 16 + length, count)
        events.append(
          Event(
            watch: bytes.loadUnaligned(fromByteOffset: place, as: Int32.self),
            mask: bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self),
            name: String(decoding: bytes[(place + 16)..<end].prefix { $0 != 0 }, as: UTF8.self)))
        place = end
      }
    }
    return events
  }
}

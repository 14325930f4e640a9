internal import CCurl

/// Wakes the thread that waits in `CurlMulti.wait`.
///
/// `@unchecked Sendable`: `curl_multi_wakeup` is the one call on a multi handle that any thread may make, and
/// the engine's lock keeps it from being made after the handle is gone.
struct CurlBell: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

  /// Ends the wait now, or the next one at once.
  func ring() { curl_multi_wakeup(handle) }
}

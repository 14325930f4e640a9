internal import CCurl

/// libcurl's handle for many transfers at a time; belongs to one thread.
final class CurlMulti {
  /// Wakes `wait`.
  var bell: CurlBell { CurlBell(handle) }

  private let handle: UnsafeMutableRawPointer
  private var transfers: [UnsafeMutableRawPointer: HTTPTransfer] = [:]
  private var handles: [UInt64: UnsafeMutableRawPointer] = [:]

  /// Thread-safe and once a process: the first use runs it.
  private static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// Nil when there is no memory.
  init?(connectionsPerHost: Int) {
    guard CurlMulti.isReady, let handle = curl_multi_init() else { return nil }
    self.handle = handle
    _ = bb_curl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, connectionsPerHost)
    _ = bb_curl_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, HTTPEngine.connections)
  }

  deinit {
    _ = removeAll()
    curl_multi_cleanup(handle)
  }

  /// Starts a transfer.
  func add(_ transfer: HTTPTransfer) throws(HTTPError) {
    guard curl_multi_add_handle(handle, transfer.handle) == CURLM_OK else {
      throw transfer.error(.badResponse, "the transfer cannot be started; try again")
    }
    transfers[transfer.handle] = transfer
    handles[transfer.job.number] = transfer.handle
  }

  /// Aborts a transfer; nil when there is none of this number.
  func remove(_ number: UInt64) -> HTTPEngine.Job? {
    guard let easy = handles.removeValue(forKey: number) else { return nil }
    curl_multi_remove_handle(handle, easy)
    return transfers.removeValue(forKey: easy)?.job
  }

  /// Aborts all transfers.
  func removeAll() -> [HTTPEngine.Job] {
    Array(handles.keys).compactMap(remove)
  }

  /// Moves what can be moved, and hands out what is done.
  func perform(_ done: (HTTPEngine.Job, Result<HTTPResponse, HTTPError>) -> Void) {
    var running: Int32 = 0
    curl_multi_perform(handle, &running)
    var left: Int32 = 0
    while let message = curl_multi_info_read(handle, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let code = message.pointee.data.result
      guard let transfer = transfers[easy] else { continue }
      let result = transfer.result(code)
      _ = remove(transfer.job.number)
      done(transfer.job, result)
    }
  }

  /// Sleeps until there is something to do, or the bell rings.
  func wait() {
    var ready: Int32 = 0
    curl_multi_poll(handle, nil, 0, 60_000, &ready)
  }
}

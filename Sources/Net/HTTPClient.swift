internal import Synchronization

/// Gets small resources over HTTP/1.1 or HTTP/2, many at a time, on one thread of its own.
///
/// Packed bodies are unpacked; redirects are refused; the proxy is that of the environment. At most
/// `HTTPEngine.maximumRequests` may be under way.
public final class HTTPClient: Sendable {
  private let engine: HTTPEngine
  private let thread: Mutex<NetThread?>

  /// Starts the thread.
  public init() {
    let engine = HTTPEngine()
    self.engine = engine
    thread = Mutex(NetThread { engine.run() })
  }

  deinit { shutdown() }

  /// Gets one resource. A status of 400 and above is an answer, not an error.
  ///
  /// Cancelling the task aborts the transfer.
  public func get(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let number = engine.nextNumber()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        engine.submit(HTTPEngine.Job(number: number, request: request, continuation: continuation))
      }
    } onCancel: {
      engine.cancel(number)
    }
    return try result.get()
  }

  /// Fails all that is under way and all that comes later, and waits for the thread to end.
  public func shutdown() {
    engine.stop()
    let running = thread.withLock { $0.take() }
    running?.join()
  }
}

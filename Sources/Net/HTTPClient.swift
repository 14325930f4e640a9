internal import Synchronization

/// Gets and posts small things over HTTP/1.1 or HTTP/2, many at a time, on one thread of its own.
///
/// Packed bodies are unpacked; redirects are refused; the proxy is that of the environment. At most
/// `HTTPEngine.maximumRequests` may be under way.
public final class HTTPClient: Sendable {
  private let engine: HTTPEngine
  private let thread: Mutex<NetThread?>

  /// Starts the thread.
  ///
  /// The policy is that of the client: so no connection that one request opened serves another that may not.
  public init(addresses: AddressPolicy = .any, connectionsPerHost: Int = 8) {
    let engine = HTTPEngine(addresses: addresses, connectionsPerHost: connectionsPerHost)
    self.engine = engine
    thread = Mutex(NetThread { engine.run() })
  }

  deinit { shutdown() }

  /// Sends one request, whatever its method. A status of 400 and above is an answer, not an error.
  ///
  /// Cancelling the task aborts the transfer.
  public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
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

  /// Gets one resource, as `send` does.
  public func get(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse { try await send(request) }

  /// Fails all that is under way and all that comes later, and waits for the thread to end.
  public func shutdown() {
    engine.stop()
    let running = thread.withLock { $0.take() }
    running?.join()
  }
}

internal import NIOCore

/// Opens WebSockets.
public enum WebSocketClient {
  /// Connects, runs `body` and closes the connection, also when it throws or its task is cancelled.
  ///
  /// Throws a `WebSocketError` when there is no connection, and what `body` throws. A connection that breaks off
  /// is reported to `body` by `next` and `send`; nothing connects again by itself. Closing waits 2 s at most.
  public static func connect<Result>(
    _ endpoint: WebSocketEndpoint, _ body: (WebSocketConnection) async throws -> Result
  ) async throws -> Result {
    let connection = try await WebSocketDialer(endpoint).dial()
    return try await withTaskCancellationHandler {
      let result: Result
      do {
        result = try await body(connection)
      } catch {
        await connection.close(code: 1001)
        throw error
      }
      await connection.close()
      return result
    } onCancel: {
      WebSocketClient.abort(connection)
    }
  }

  /// Says goodbye without waiting for an answer.
  private static func abort(_ connection: WebSocketConnection) {
    connection.inbox.finish(.cancelled)
    let channel = connection.channel
    channel.triggerUserOutboundEvent(WebSocketHandler.Close(code: 1001, reason: ""), promise: nil)
    channel.triggerUserOutboundEvent(SocketWatch.Command.abort, promise: nil)
  }
}

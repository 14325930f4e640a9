package import NIOCore

/// The other end of an open WebSocket: frames and the wish to close go here, from any thread.
package struct WebSocketPeer: Sendable {
  /// The channel of the connection. Whole frames may be written to it directly; see ``Frame``.
  package let channel: any Channel

  /// Whether the peer keeps up: what is sent while it does not waits in memory.
  package var isWritable: Bool { channel.isWritable }

  /// Sends a whole frame; it is dropped once the WebSocket is closing.
  package func send(_ frame: ByteBuffer) { channel.writeAndFlush(frame, promise: nil) }

  /// Starts to close: the peer has a few seconds to answer. The reason is cut at 123 bytes.
  package func close(_ code: CloseCode, reason: String) {
    channel.triggerUserOutboundEvent(WebSocketCloseRequest(code: code, reason: reason), promise: nil)
  }
}

/// Asks the handler of a channel to close its WebSocket.
struct WebSocketCloseRequest: Sendable {
  let code: CloseCode
  let reason: String
}

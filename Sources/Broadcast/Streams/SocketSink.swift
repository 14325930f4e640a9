import NIOCore

/// The sink of a WebSocket: frames go straight into its channel.
struct SocketSink: StreamSink {
  let peer: WebSocketPeer

  var isWritable: Bool { peer.isWritable }

  func send(_ bytes: ByteBuffer) { peer.send(bytes) }

  func close(_ end: StreamEnd) { peer.close(end.code, reason: end.text) }
}

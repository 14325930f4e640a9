/// A whole message of a peer.
package enum WebSocketMessage: Sendable, Equatable {
  /// Bytes that are UTF-8: that was checked.
  case text([UInt8])
  case binary([UInt8])
}

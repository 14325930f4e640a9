/// The limits of one WebSocket.
package struct WebSocketSettings: Sendable {
  /// The limit for one message of the peer in bytes; a larger one closes the connection with 1009.
  package var maximumMessageBytes = 64 << 10
  /// A peer that has not been heard for this long is pinged; after twice this time it is given up.
  package var pingInterval: Duration = .seconds(20)
  /// How long the peer has to answer a close frame.
  package var closeLimit: Duration = .seconds(5)
  /// From how many unsent bytes on `channel.isWritable` is false, until half of them are sent.
  package var unsentBytes = 16 << 10

  package init() {}
}

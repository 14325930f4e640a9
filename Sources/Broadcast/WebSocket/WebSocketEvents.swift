/// What the owner of a WebSocket wants to hear. All of it is called on the event loop of the channel.
package struct WebSocketEvents {
  /// A whole message came.
  package var onMessage: (WebSocketMessage) -> Void
  /// `channel.isWritable` changed: the peer reads too slowly, or has caught up.
  package var onWritabilityChanged: (Bool) -> Void
  /// The WebSocket is over; called once, and nothing after it.
  package var onEnd: (WebSocketEnd) -> Void

  package init(
    onMessage: @escaping (WebSocketMessage) -> Void = { _ in },
    onWritabilityChanged: @escaping (Bool) -> Void = { _ in },
    onEnd: @escaping (WebSocketEnd) -> Void = { _ in }
  ) {
    self.onMessage = onMessage
    self.onWritabilityChanged = onWritabilityChanged
    self.onEnd = onEnd
  }
}

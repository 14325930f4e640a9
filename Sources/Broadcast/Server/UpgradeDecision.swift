package import NIOCore
package import NIOHTTP1

/// What becomes of a request that asks for a WebSocket.
package enum UpgradeDecision: Sendable {
  /// It becomes one. The header fields are added to the answer; `onOpen` is called on the event loop when frames may
  /// be sent, and says what its owner wants to hear.
  case accept(
    headers: HTTPHeaders = [:], settings: WebSocketSettings = .init(),
    onOpen: @Sendable (WebSocketPeer) -> WebSocketEvents)
  /// It is answered like any other request, by whoever says what is wrong with it.
  case passOn
}

/// Decides on a request that is right as far as RFC 6455 goes. When the future fails, the request is passed on.
package typealias UpgradeDecider =
  @Sendable (HTTPRequestHead, any Channel) -> EventLoopFuture<UpgradeDecision>

/// How a WebSocket ended.
package enum WebSocketEnd: Sendable, Equatable, CustomStringConvertible {
  /// We closed it, by our will or because the peer broke a rule.
  case closed(CloseCode, reason: String)
  /// The peer closed it; the code is nil when it gave none. The reason is text of the peer's: escape it.
  case closedByPeer(CloseCode?, reason: String)
  /// Nothing was heard for two ping intervals.
  case silent
  /// The connection broke, or the peer left without a word.
  case lost

  /// The kind and the code, without the peer's text.
  package var description: String {
    switch self {
    case .closed(let code, _): "closed with \(code)"
    case .closedByPeer(let code?, _): "closed by the peer with \(code)"
    case .closedByPeer(nil, _): "closed by the peer"
    case .silent: "silent"
    case .lost: "lost"
    }
  }
}

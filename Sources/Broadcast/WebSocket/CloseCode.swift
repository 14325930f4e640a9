/// Why a WebSocket is closed, as a number of RFC 6455 7.4.
package struct CloseCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The purpose is fulfilled.
  package static let normal = CloseCode(rawValue: 1000)
  /// The server stops.
  package static let goingAway = CloseCode(rawValue: 1001)
  /// The peer broke the protocol.
  package static let protocolError = CloseCode(rawValue: 1002)
  /// A kind of message that is not accepted here.
  package static let unacceptable = CloseCode(rawValue: 1003)
  /// A text that is not UTF-8.
  package static let invalidText = CloseCode(rawValue: 1007)
  /// Against the rules of this server: not allowed any more, too slow, too much.
  package static let policy = CloseCode(rawValue: 1008)
  /// A message over the limit.
  package static let tooBig = CloseCode(rawValue: 1009)
  /// The server failed.
  package static let serverError = CloseCode(rawValue: 1011)
  /// The server has no room; try again later.
  package static let tryAgainLater = CloseCode(rawValue: 1013)

  /// Whether a frame may carry it; the others are reserved, or only have a meaning inside of a program.
  var mayBeSent: Bool {
    switch rawValue {
    case 1000...1003, 1007...1014, 3000...4999: true
    default: false
    }
  }

  package var description: String { "\(rawValue)" }
}

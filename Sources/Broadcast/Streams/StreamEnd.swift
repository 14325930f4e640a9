/// Why a stream ends from this side.
enum StreamEnd: Equatable, Sendable {
  /// The subscriber takes nothing; it had everything up to this number.
  case slow(Int64)
  /// Its token was revoked or has expired.
  case notAllowed
  /// The engine ends.
  case shutdown
  /// The journal cannot be read.
  case trouble

  /// The code of a WebSocket's close frame.
  var code: CloseCode {
    switch self {
    case .slow: .tryAgainLater
    case .notAllowed: .policy
    case .shutdown: .goingAway
    case .trouble: .serverError
    }
  }

  /// What the subscriber is told.
  var text: String {
    switch self {
    case .slow(let number): "nothing was read for too long; come back with after=\(number)"
    case .notAllowed: "the token was revoked or has expired"
    case .shutdown: "the engine ends; come back with the last n"
    case .trouble: "the journal cannot be read at the moment; come back with the last n"
    }
  }
}

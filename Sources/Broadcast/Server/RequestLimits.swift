/// What one connection may take: times and sizes.
package struct RequestLimits: Sendable {
  /// For the whole head of a request, from its first byte; of the first request from the connection on, so that a
  /// TLS handshake is included.
  package var headTime: Duration = .seconds(10)
  /// For the whole body of a request.
  package var bodyTime: Duration = .seconds(30)
  /// How long a connection may wait for its next request.
  package var idleTime: Duration = .seconds(60)
  /// How long it may take to decide on an upgrade.
  package var decisionTime: Duration = .seconds(10)
  /// How long a peer may go on sending after our last word.
  package var lingerTime: Duration = .seconds(3)
  /// How long a peer may take nothing of an answer.
  package var answerTime: Duration = .seconds(60)
  /// How many requests may come before the first of them is answered.
  package var pipelined = 16
  /// The limit for a head in bytes.
  package var headBytes = 32 << 10

  package init() {}
}

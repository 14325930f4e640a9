import NIOCore

/// One open stream; lives on one event loop.
final class Subscriber {
  let number: UInt64
  let sink: any StreamSink
  /// Whether the one who opened it still may.
  let isAllowed: @Sendable () -> Bool
  var state: SubscriberState
  /// The last message that is no signal.
  var noticed: UInt64
  var isClosed = false
  /// It has been told where it stands.
  var isGreeted = false

  init(
    number: UInt64, sink: any StreamSink, isAllowed: @escaping @Sendable () -> Bool, state: SubscriberState,
    noticed: UInt64
  ) {
    self.number = number
    self.sink = sink
    self.isAllowed = isAllowed
    self.state = state
    self.noticed = noticed
  }

  /// Sends a message that is no signal.
  func say(_ payload: [UInt8], type: StaticString, number: Int64?, _ now: UInt64) {
    var bytes = ByteBuffer()
    StreamEncoding.append(payload, type: type, number: number, as: state.kind, to: &bytes)
    sink.send(bytes)
    state.didSend(now)
  }
}

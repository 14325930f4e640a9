/// One of the streams that a caller may have open; given back when it goes.
final class StreamPlace: Sendable {
  private let open: ConnectionCounter<String>
  private let caller: String

  init(_ open: ConnectionCounter<String>, _ caller: String) throws(ConnectionCounter<String>.Refusal) {
    try open.open(caller)
    self.open = open
    self.caller = caller
  }

  deinit { open.close(caller) }
}

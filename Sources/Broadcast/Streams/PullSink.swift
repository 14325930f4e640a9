import NIOCore

/// The sink of a task that asks for the next bytes once it has written those before: server-sent events.
final class PullSink: StreamSink {
  private let channel: any Channel
  private var waiter: CheckedContinuation<ByteBuffer?, Never>?
  /// What came while the task was writing.
  private var held: ByteBuffer?
  private var isOver = false

  init(_ channel: any Channel) { self.channel = channel }

  var isWritable: Bool { waiter != nil }

  func send(_ bytes: ByteBuffer) {
    if let waiter = waiter.take() {
      waiter.resume(returning: bytes)
    } else {
      var bytes = bytes
      held?.writeBuffer(&bytes)
      if held == nil { held = bytes }
    }
  }

  func close(_ end: StreamEnd) {
    if isOver { return }
    isOver = true
    guard waiter != nil else {
      // The task waits for a connection that may take nothing.
      channel.close(promise: nil)
      return
    }
    var bytes = ByteBuffer()
    StreamEncoding.append(
      StreamEncoding.goodbye(end.text), type: "close", number: nil, as: .serverSent, to: &bytes)
    send(bytes)
  }

  /// Asks for the next bytes; nil when there will be none.
  func wait(_ continuation: CheckedContinuation<ByteBuffer?, Never>) {
    if let bytes = held.take() {
      continuation.resume(returning: bytes)
    } else if isOver {
      continuation.resume(returning: nil)
    } else {
      // One task asks; should there be another one, the first is not left waiting.
      waiter.take()?.resume(returning: nil)
      waiter = continuation
    }
  }

  /// The task has gone.
  func cancel() {
    isOver = true
    held = nil
    waiter.take()?.resume(returning: nil)
  }
}

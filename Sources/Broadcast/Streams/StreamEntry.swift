import NIOCore
import OrderFlow
import Synchronization

/// A committed signal in memory, encoded when the first subscriber needs it and for all of them.
final class StreamEntry: Sendable {
  let number: Int64
  let signal: Signal
  private let frames = Mutex<Frames>(Frames())

  private struct Frames {
    var webSocket: ByteBuffer?
    var serverSent: ByteBuffer?
  }

  init(_ numbered: NumberedSignal) {
    number = numbered.number
    signal = numbered.signal
  }

  /// Its bytes on the wire.
  func frame(_ kind: StreamKind) -> ByteBuffer {
    frames.withLock { frames in
      let path = kind == .webSocket ? \Frames.webSocket : \Frames.serverSent
      if let known = frames[keyPath: path] { return known }
      let payload = StreamEncoding.payload(NumberedSignal(number: number, signal: signal))
      var buffer = ByteBufferAllocator().buffer(capacity: payload.count + 64)
      StreamEncoding.append(payload, type: "signal", number: number, as: kind, to: &buffer)
      frames[keyPath: path] = buffer
      return buffer
    }
  }

  /// About how many bytes it takes in memory.
  var size: Int {
    512 + signal.title.utf8.count + (signal.data?.utf8.count ?? 0) * 2 + signal.evidence.count * 8
  }
}

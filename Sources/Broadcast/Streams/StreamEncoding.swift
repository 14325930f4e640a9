import NIOCore
import OrderFlow
import Wire

/// How a message looks to its subscribers.
enum StreamKind: Sendable, CaseIterable {
  /// A text frame of a WebSocket (RFC 6455).
  case webSocket
  /// An event of a stream of server-sent events.
  case serverSent
}

/// Writes messages of streams: one JSON object each, which says its `type`.
enum StreamEncoding {
  /// A signal: what `SignalLine` writes, with its type and number before it.
  static func payload(_ numbered: NumberedSignal) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(640)
    bytes.append(contentsOf: "{\"type\":\"signal\",\"n\":\(numbered.number),".utf8)
    let head = bytes.count
    SignalLine.append(numbered.signal, to: &bytes)
    // The line's own brace in front, and its newline behind, are not wanted.
    bytes.remove(at: head)
    bytes.removeLast()
    return bytes
  }

  /// The first message of a stream: what a client resumes from that hears nothing more.
  static func hello(after number: Int64) -> [UInt8] { position("hello", number) }

  /// A message that says that all signals up to a number have been dealt with, and that the stream is alive.
  static func heartbeat(after number: Int64) -> [UInt8] { position("heartbeat", number) }

  private static func position(_ type: String, _ number: Int64) -> [UInt8] {
    Array("{\"type\":\"\(type)\",\"n\":\(number)}".utf8)
  }

  /// Signals were asked for that the journal does not have any more.
  static func truncated(after number: Int64, oldest: Int64) -> [UInt8] {
    Array("{\"type\":\"truncated\",\"n\":\(oldest &- 1),\"after\":\(number),\"oldest\":\(oldest)}".utf8)
  }

  /// Why the stream ends.
  static func goodbye(_ reason: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("type", "close")
      $0.member("reason", reason)
    }
    return writer.bytes
  }

  /// Appends a message as it goes over the wire; `number` is what a client of server-sent events resumes from.
  static func append(
    _ payload: [UInt8], type: StaticString, number: Int64?, as kind: StreamKind, to buffer: inout ByteBuffer
  ) {
    switch kind {
    case .webSocket:
      var frame = Frame.text(utf8: payload)
      buffer.writeBuffer(&frame)
    case .serverSent:
      if let number { buffer.writeString("id: \(number)\n") }
      buffer.writeString("event: \(type)\ndata: ")
      buffer.writeBytes(payload)
      buffer.writeStaticString("\n\n")
    }
  }
}

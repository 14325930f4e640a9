import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The server's side of one connection, in plain bytes.
final class Peer {
  /// A frame of the client.
  struct Frame: Equatable {
    var opcode: UInt8
    var isFinal: Bool
    var isMasked: Bool
    var data: [UInt8]
    var text: String { String(decoding: data, as: UTF8.self) }
    /// The code of a close frame.
    var closeCode: Int? { opcode == 8 && data.count >= 2 ? Int(data[0]) << 8 | Int(data[1]) : nil }
  }

  let channel: any Channel
  private var bytes: AsyncStream<ByteBuffer>.AsyncIterator
  private var buffer: [UInt8] = []

  init(_ bytes: AsyncStream<ByteBuffer>, _ channel: any Channel) {
    self.bytes = bytes.makeAsyncIterator()
    self.channel = channel
  }

  /// False at the end.
  private func more() async -> Bool {
    guard let next = await bytes.next(isolation: #isolation) else { return false }
    buffer += next.readableBytesView
    return true
  }

  /// Waits for the client to close.
  func drain() async throws { while await more() { buffer = [] } }

  func write(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
  func write(_ text: String) async throws { try await write(Array(text.utf8)) }

  /// The head of a request, without the empty line.
  func request() async throws -> String {
    let end = Array("\r\n\r\n".utf8)
    while true {
      if let range = buffer.firstRange(of: end) {
        let head = String(decoding: buffer[..<range.lowerBound], as: UTF8.self)
        buffer.removeSubrange(..<range.upperBound)
        return head
      }
      guard await more() else { throw CancellationError() }
    }
  }

  /// So many bytes of a body.
  func body(_ count: Int) async throws -> [UInt8] {
    while buffer.count < count {
      guard await more() else { throw CancellationError() }
    }
    let body = Array(buffer.prefix(count))
    buffer.removeFirst(count)
    return body
  }

  /// Answers the request for a WebSocket, with these bytes after the head in the same write.
  @discardableResult
  func accept(then bytes: [UInt8] = []) async throws -> String {
    let request = try await request()
    var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
    for line in request.split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1)
      if parts.count == 2 { head.headers.add(name: String(parts[0]), value: String(parts[1])) }
    }
    let upgrader = NIOWebSocketServerUpgrader(
      shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
      upgradePipelineHandler: { channel, _ in channel.eventLoop.makeSucceededVoidFuture() })
    let headers = try await upgrader.buildUpgradeResponse(
      channel: channel, upgradeRequest: head, initialResponseHeaders: ["Upgrade": "websocket"]
    ).get()
    var answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
    for (name, value) in headers { answer += "\(name): \(value)\r\n" }
    try await write(Array((answer + "\r\n").utf8) + bytes)
    return request
  }

  /// The next frame; nil at the end.
  func frame() async throws -> Frame? {
    while true {
      if let frame = takeFrame() { return frame }
      guard await more() else { return nil }
    }
  }

  /// The next close frame's code; nil when none came.
  func closeCode() async throws -> Int? {
    while let frame = try await frame() {
      if let code = frame.closeCode { return code }
    }
    return nil
  }

  private func takeFrame() -> Frame? {
    guard buffer.count >= 2 else { return nil }
    let isMasked = buffer[1] & 0x80 != 0
    var (length, at) = (Int(buffer[1] & 0x7F), 2)
    if length >= 126 {
      let count = length == 126 ? 2 : 8
      guard buffer.count >= 2 + count else { return nil }
      length = buffer[2..<(2 + count)].reduce(0) { $0 << 8 | Int($1) }
      at += count
    }
    let maskBytes = isMasked ? 4 : 0
    guard buffer.count >= at + maskBytes + length else { return nil }
    let mask = isMasked ? Array(buffer[at..<(at + 4)]) : [0, 0, 0, 0]
    let raw = buffer[(at + maskBytes)..<(at + maskBytes + length)]
    let frame = Frame(
      opcode: buffer[0] & 0x0F, isFinal: buffer[0] & 0x80 != 0, isMasked: isMasked,
      data: raw.enumerated().map { $1 ^ mask[$0 % 4] })
    buffer.removeSubrange(..<(at + maskBytes + length))
    return frame
  }
}

/// The bytes of a server's frame.
func frame(_ opcode: UInt8, _ data: [UInt8], isFinal: Bool = true) -> [UInt8] {
  var head: [UInt8] = [opcode | (isFinal ? 0x80 : 0)]
  switch data.count {
  case ..<126: head.append(UInt8(data.count))
  case ..<65536: head += [126, UInt8(data.count >> 8), UInt8(data.count & 0xFF)]
  default: head += [127] + (0..<8).map { UInt8(truncatingIfNeeded: data.count >> (56 - 8 * $0)) }
  }
  return head + data
}

/// The bytes of a text message in one frame.
func textFrame(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }

/// The bytes of a close frame.
func closeFrame(_ code: Int, _ reason: String = "") -> [UInt8] {
  frame(8, [UInt8(code >> 8), UInt8(code & 0xFF)] + Array(reason.utf8))
}

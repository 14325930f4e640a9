import Net
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WebSocketViolationTests {
  /// What a server may do wrong, and what it is told.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let closeCode: Int
    let code: WebSocketError.Code

    init(_ name: String, _ bytes: [UInt8], _ closeCode: Int, _ code: WebSocketError.Code = .protocolViolation)
    {
      testDescription = name
      self.bytes = bytes
      self.closeCode = closeCode
      self.code = code
    }
  }

  static let cases = [
    Case("text that is not UTF-8", frame(1, [0x61, 0xC3, 0x28]), 1007),
    Case("text that ends within a character", frame(1, [0xE2, 0x82]), 1007),
    Case("100 MB announced", [0x82, 127, 0, 0, 0, 0, 0x06, 0x40, 0, 0, 1, 2, 3], 1009, .messageTooBig),
    Case(
      "a length beyond all measure", [0x82, 127] + [UInt8](repeating: 0xFF, count: 8), 1009, .messageTooBig),
    Case(
      "fragments above the limit",
      frame(2, [UInt8](repeating: 0, count: 600), isFinal: false)
        + frame(0, [UInt8](repeating: 0, count: 600)),
      1009, .messageTooBig),
    Case("a masked frame", [0x81, 0x81, 1, 2, 3, 4, 5], 1002),
    Case("an unknown kind", frame(3, [1]), 1002),
    Case("an unknown control frame", frame(11, []), 1002),
    Case("reserved bits", [0xC1, 1, 65], 1002),
    Case("a rest without a start", frame(0, [65]), 1002),
    Case("a start within a message", frame(1, [65], isFinal: false) + frame(1, [66]), 1002),
    Case("a ping in pieces", frame(9, [1], isFinal: false), 1002),
    Case("a long ping", frame(9, [UInt8](repeating: 1, count: 126)), 1002),
    Case("a close frame of one byte", frame(8, [3]), 1002),
    Case("a close code that may not be sent", closeFrame(1005), 1002),
    Case("a reason that is not UTF-8", frame(8, [3, 0xE8, 0xFF]), 1007),
    Case("an HTTP answer", Array("HTTP/1.1 500 Oh\r\n\r\n".utf8), 1002),
  ]

  @Test("what breaks the protocol closes the connection with the right code", arguments: cases)
  func violation(wrong: Case) async throws {
    let answer = Mutex<Int?>(nil)
    try await withServer { peer in
      try await peer.accept(then: textFrame("before") + wrong.bytes)
      let code = try await peer.closeCode()
      answer.withLock { $0 = code }
    } _: { port in
      var target = try endpoint(port)
      target.maximumMessageBytes = 1000
      let error = await failure(target) { connection in
        try await expectNext(connection, "before")
        _ = try await connection.next()
      }
      #expect(error?.code == wrong.code)
      #expect(error?.description.hasPrefix("ws://127.0.0.1:\(port)/…: the server ") == true)
    }
    #expect(answer.withLock { $0 } == wrong.closeCode)
  }
}

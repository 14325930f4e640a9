import Net
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WebSocketMessageTests {
  @Test("messages go both ways, masked on the way to the server, and the end is orderly")
  func echo() async throws {
    try await withServer { peer in
      try await peer.accept()
      while let next = try await peer.frame() {
        if next.opcode == 8 { return try await peer.write(closeFrame(next.closeCode ?? 0)) }
        try await peer.write(textFrame("\(next.isMasked) \(next.text)"))
      }
    } _: { port in
      try await WebSocketClient.connect(try endpoint(port)) { connection in
        for word in ["one", "", "zwei €"] {
          try await connection.send(word)
          try await expectNext(connection, "true \(word)")
        }
        await connection.close(code: 4001, reason: "done")
        try await expectNext(connection, nil)
        #expect(connection.closeReason == nil || connection.closeReason?.code == 4001)
        await #expect(throws: WebSocketError.self) { try await connection.send("late") }
      }
    }
  }

  @Test("fragments with a ping between them are one message; the ping is answered")
  func fragments() async throws {
    let part = frame(1, Array("a€".utf8.dropLast()), isFinal: false) + frame(9, [1, 2, 3])
    let bytes = part + frame(0, [], isFinal: false) + frame(0, [0xAC]) + frame(2, [7])
    try await withServer { peer in
      try await peer.accept()
      // Byte by byte, so that no frame comes whole.
      for byte in bytes { try await peer.write([byte]) }
      let pong = try await peer.frame()
      let isRight = pong == Peer.Frame(opcode: 10, isFinal: true, isMasked: true, data: [1, 2, 3])
      try await peer.write(textFrame("\(isRight)") + closeFrame(1000))
      try await peer.drain()
    } _: { port in
      let messages = try await received(port)
      #expect(messages == ["a€", "\u{7}", "true"])
    }
  }

  @Test("a message of 300 kB, and one that came with the answer to the handshake")
  func big() async throws {
    let big = String(repeating: "0123456789", count: 30_000)
    try await withServer { peer in
      try await peer.accept(then: textFrame("early"))
      try await peer.write(textFrame(big) + closeFrame(1000))
      try await peer.drain()
    } _: { port in
      let messages = try await received(port)
      #expect(messages == ["early", big])
    }
  }

  @Test("the peer's close code and reason are kept, without secrets")
  func closeCode() async throws {
    try await withServer { peer in
      try await peer.accept()
      try await peer.write(textFrame("last") + closeFrame(1008, "bad key SECRET-42\nbye"))
      try await peer.drain()
    } _: { port in
      try await WebSocketClient.connect(try endpoint(port, path: "/ws/secret-42")) { connection in
        try await expectNext(connection, "last")
        try await expectNext(connection, nil)
        #expect(connection.closeReason?.code == 1008)
        #expect(connection.closeReason?.text == "bad key … bye")
      }
    }
  }

  @Test("a close frame is answered with its code, and a body that throws closes too")
  func closeAnswer() async throws {
    let codes = Mutex<[Int?]>([])
    struct Stop: Error {}
    for isServerFirst in [true, false] {
      try await withServer { peer in
        try await peer.accept()
        if isServerFirst { try await peer.write(closeFrame(4007)) }
        let code = try await peer.closeCode()
        codes.withLock { $0.append(code) }
        if !isServerFirst { try await peer.write(closeFrame(1001)) }
      } _: { port in
        await #expect(throws: Stop.self) {
          try await WebSocketClient.connect(try endpoint(port)) { connection in
            if isServerFirst { _ = try await connection.next() }
            throw Stop()
          }
        }
      }
    }
    #expect(codes.withLock { $0 } == [4007, 1001])
  }

  @Test(
    "a server that vanishes between or within frames is an error after what came", arguments: [true, false])
  func vanishes(isMidFrame: Bool) async throws {
    try await withServer { peer in
      try await peer.accept(then: textFrame("first") + (isMidFrame ? [0x81, 100, 65, 66] : []))
    } _: { port in
      try await WebSocketClient.connect(try endpoint(port)) { connection in
        try await expectNext(connection, "first")
        await #expect {
          _ = try await connection.next()
        } throws: { error in
          (error as? WebSocketError)?.code == .closed
            && "\(error)"
              == "ws://127.0.0.1:\(port)/…: the server closed the connection without a close frame; connect again"
        }
      }
    }
  }

  @Test("silence is noticed although the connection stays up; a slow reader is not silence")
  func silence() async throws {
    try await withServer { peer in
      try await peer.accept()
      try await peer.write(frame(9, []))
      try await peer.drain()
    } _: { port in
      var quiet = try endpoint(port)
      quiet.readTimeout = .milliseconds(50)
      let error = await failure(quiet) { _ = try await $0.next() }
      #expect(error?.code == .timedOut)
      #expect(error?.description == "ws://127.0.0.1:\(port)/…: nothing was heard for 50 ms; connect again")
    }
  }

  @Test("a cancelled task gives up waiting, and the connection goes")
  func cancellation() async throws {
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    try await withServer { peer in
      try await peer.accept(then: textFrame("go"))
      try await peer.drain()
      end.finish()
    } _: { port in
      let target = try endpoint(port)
      let (started, start) = AsyncStream.makeStream(of: Void.self)
      let task = Task {
        await failure(target) { connection in
          _ = try await connection.next()
          start.finish()
          _ = try await connection.next()
        }
      }
      for await _ in started {}
      task.cancel()
      #expect(await task.value?.code == .cancelled)
      for await _ in ended {}
    }
  }

  @Test("a reader that does not read makes the sender wait, and loses nothing")
  func backPressure() async throws {
    let sent = Mutex(0)
    let total = 600
    let bytes = frame(2, [UInt8](repeating: 1, count: 65_000))
    try await withServer { peer in
      try await peer.accept()
      for number in 1...total {
        try await peer.write(bytes)
        sent.withLock { $0 = number }
      }
      try await peer.write(closeFrame(1000))
      try await peer.drain()
    } _: { port in
      var target = try endpoint(port)
      // While nobody reads, nothing can be heard: that is no silence of the server.
      target.readTimeout = .seconds(4)
      try await WebSocketClient.connect(target) { connection in
        var (last, unchanged) = (-1, 0)
        while unchanged < 450 {
          try await Task.sleep(for: .milliseconds(10))
          let now = sent.withLock { $0 }
          unchanged = now == last && now > 0 ? unchanged + 1 : 0
          last = now
        }
        #expect(last < total)
        var count = 0
        while let message = try await connection.next() { count += message.readableBytes / 65_000 }
        #expect(count == total)
      }
    }
  }

  /// All messages up to the orderly end.
  private func received(_ port: Int) async throws -> [String] {
    try await WebSocketClient.connect(try endpoint(port)) { connection in
      var messages: [String] = []
      while let message = try await connection.next() { messages.append(String(buffer: message)) }
      return messages
    }
  }
}

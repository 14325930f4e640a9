import Broadcast
import Journal
import Net
import NIOCore
import OrderFlow
import Testing

@Suite("Streams over WebSockets", .timeLimit(.minutes(1)))
struct StreamTests {
  @Test("a subscriber hears where it stands, and then every signal in order")
  func live() async throws {
    try await TestServer.run { test in
      try await test.socket { socket in
        #expect(try await socket.text() == #"{"type":"hello","n":0}"#)
        for _ in 0..<10 { try test.engine.emit(30) }
        for expected in 1...300 {
          let text = try #require(try await socket.text())
          #expect(text.hasPrefix(#"{"type":"signal","n":\#(expected),"id":"#))
        }
      }
    }
  }

  @Test("whoever comes back with the last number gets what it missed, from the journal or from memory, once")
  func resume() async throws {
    try await TestServer.run(before: { try $0.emit(500) }) { test in
      try test.engine.emit(200)
      for after in [0, 1, 250, 499, 500, 501, 650, 699, 700] {
        try await test.socket("/v1/stream?after=\(after)") { socket in
          #expect(try await socket.text() == #"{"type":"hello","n":\#(after)}"#)
          for expected in (after + 1)..<(after + 21) where expected <= 700 {
            let text = try await socket.text()
            #expect(number("n", in: text ?? "") == Int64(expected))
          }
        }
      }
    }
  }

  @Test("a filter lets through what it says, from the journal and live")
  func filtered() async throws {
    try await TestServer.run(before: { try $0.emit(100) { $0.rule = $1 % 10 == 0 ? "rare" : "common" } }) {
      test in
      try await test.socket("/v1/stream?after=0&rule=rare&severity=low") { socket in
        _ = try await socket.text()
        try test.engine.emit(100) { $0.rule = $1 % 10 == 0 ? "rare" : "common" }
        for expected in 0..<20 {
          let text = try await socket.text()
          #expect(number("n", in: text ?? "") == Int64(expected * 10 + 1))
        }
      }
    }
  }

  @Test("signals that retention has taken are said to be gone")
  func truncated() async throws {
    try await TestServer.run(before: { engine in
      try engine.emit(10)
      try engine.write { journal in
        while try journal.prune(olderThan: nil, maximumRows: 4) > 0 {}
      }
    }) { test in
      try await test.socket("/v1/stream?after=2") { socket in
        #expect(try await socket.text() == #"{"type":"hello","n":2}"#)
        #expect(try await socket.text() == #"{"type":"truncated","n":6,"after":2,"oldest":7}"#)
        for expected in 7...10 {
          let text = try await socket.text()
          #expect(number("n", in: text ?? "") == Int64(expected))
        }
      }
    }
  }

  @Test("signals that are all gone are said to be gone, and the next one comes")
  func emptied() async throws {
    try await TestServer.run(before: { engine in
      try engine.emit(10)
      try engine.write { journal in
        while try journal.prune(olderThan: .max, maximumRows: nil) > 0 {}
      }
    }) { test in
      try await test.socket("/v1/stream?after=2") { socket in
        #expect(try await socket.text() == #"{"type":"hello","n":2}"#)
        #expect(try await socket.text() == #"{"type":"truncated","n":10,"after":2,"oldest":11}"#)
        try test.engine.emit(1)
        let text = try await socket.text()
        #expect(number("n", in: text ?? "") == 11)
      }
    }
  }

  @Test("one signal among many that do not pass is found, also when nothing comes behind it")
  func rare() async throws {
    try await TestServer.run { test in
      try test.engine.emit(600)
      try test.engine.emit(1) { signal, _ in signal.rule = "rare" }
      try test.engine.emit(10)
      try await test.socket("/v1/stream?after=0&rule=rare") { socket in
        _ = try await socket.text()
        let text = try await socket.text()
        #expect(number("n", in: text ?? "") == 601)
      }
    }
  }

  @Test("who asks for a WebSocket and goes away leaves the place to others")
  func places() async throws {
    try await TestServer.run({ $0.mostStreamsOfOneCaller = 2 }) { test in
      let token = try #require(test.tokens[.viewer])
      for _ in 0..<30 {
        let client = try await RawClient.connect(test.port)
        try await client.write(
          "GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
            + "Authorization: Bearer \(token)\r\n\r\n")
        await client.close()
      }
      var isIn = false
      for _ in 0..<200 where !isIn {
        isIn = ((try? await test.socket { socket in try await socket.text() }) ?? nil) != nil
        if !isIn { try await Task.sleep(for: .milliseconds(20)) }
      }
      #expect(isIn)
    }
  }

  @Test("a reader of server-sent events that goes away leaves its place before the next heartbeat")
  func gone() async throws {
    try await TestServer.run({ $0.streams.heartbeat = .seconds(600) }) { test in
      let token = try #require(test.tokens[.viewer])
      let client = try await RawClient.connect(test.port)
      try await client.write(
        "GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n\r\n")
      while test.server.subscriberCount == 0 { try await Task.sleep(for: .milliseconds(10)) }
      await client.close()
      while test.server.subscriberCount > 0 { try await Task.sleep(for: .milliseconds(10)) }
    }
  }

  @Test("a subscriber whose token is revoked is sent away")
  func revoked() async throws {
    try await TestServer.run { test in
      try await test.socket { socket in
        _ = try await socket.text()
        let token = try #require(test.tokens[.viewer])
        let id = String(token.dropFirst(3).prefix(8))
        try test.engine.write { try $0.revoke(token: id, at: 2) }
        await test.server.refreshTokens()
        #expect(try await socket.text() == nil)
        #expect(socket.closeReason?.code == 1008)
      }
    }
  }

  @Test("the end of the engine is said")
  func shutdown() async throws {
    try await TestServer.run { test in
      try await test.socket { socket in
        _ = try await socket.text()
        test.server.stop()
        #expect(try await socket.text() == nil)
        #expect(socket.closeReason?.code == 1001)
      }
    }
  }

  @Test("what was not asked for is not told, and what was is")
  func topics() async throws {
    try await TestServer.run { test in
      try await test.socket("/v1/stream?topics=errors,feeds") { socket in
        _ = try await socket.text()
        test.server.tell(.reloads, Array(#"{"type":"reload"}"#.utf8))
        test.server.tell(.errors, Array(#"{"type":"rule_error"}"#.utf8))
        test.server.tell(.feeds, Array(#"{"type":"feed"}"#.utf8))
        #expect(try await socket.text() == #"{"type":"rule_error"}"#)
        #expect(try await socket.text() == #"{"type":"feed"}"#)
      }
    }
  }

  @Test("a ticket opens one WebSocket")
  func ticket() async throws {
    try await TestServer.run { test in
      let answer = try await test.post("/v1/tickets")
      #expect(answer.status == 201)
      let body = String(decoding: answer.body, as: UTF8.self)
      let ticket = try #require(body.split(separator: "\"").dropFirst(2).dropFirst().first.map(String.init))
      try await test.socket("/v1/stream?ticket=\(ticket)", as: nil) { socket in
        let text = try await socket.text()
        #expect(text == #"{"type":"hello","n":0}"#)
      }
      await #expect(throws: WebSocketError.self) {
        try await test.socket("/v1/stream?ticket=\(ticket)", as: nil) { _ = try await $0.text() }
      }
    }
  }
}

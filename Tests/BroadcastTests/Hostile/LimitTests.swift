import NIOCore
import Testing

@testable import Broadcast

@Suite("Limits, through the server", .timeLimit(.minutes(2)))
struct LimitTests {
  @Test("a head of 10 MB is refused with 431, and the server goes on")
  func largeHead() async throws {
    try await TestServer.run { test in
      let filler = String(repeating: "a", count: 10 << 20)
      for start in [
        "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nX-Large: ", "GET /v1/signals?rule=", "GET /",
        "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ",
      ] {
        let answer = try await RawExchange.bytes(start + filler, port: test.port)
        #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(start): \(answer.prefix(40))")
      }
      #expect(try await test.ask("GET", "/v1/status", [test.bearer(.viewer)]).status == 200)
    }
  }

  @Test("a head and a body that come too slowly are ended with 408")
  func slow() async throws {
    try await TestServer.run({ options in
      options.requests.headTime = .milliseconds(500)
      options.requests.bodyTime = .milliseconds(500)
    }) { test in
      let head = try await Self.dripping("GET /v1/status HTTP/1.1\r\nX: ", "a", to: test.port)
      #expect(head.hasPrefix("HTTP/1.1 408 "), "\(head)")
      let start =
        "PUT /v1/rules/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(test.tokens[.operator] ?? "")\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"
      let body = try await Self.dripping(start, "1\r\na\r\n", to: test.port)
      #expect(body.hasPrefix("HTTP/1.1 408 "), "\(body)")
      #expect(test.engine.changes.isEmpty)
    }
  }

  /// What the server says to a beginning and then a little now and then, which does not buy time.
  ///
  /// On a busy machine the beginning may itself come too late: then the connection is closed without a word.
  private static func dripping(_ start: String, _ drop: String, to port: Int) async throws -> String {
    for _ in 0..<20 {
      let client = try await RawClient.connect(port)
      let channel = client.channel
      guard (try? await client.write(start)) != nil else { continue }
      let feeder = Task {
        for _ in 0..<1000 {
          try await channel.writeAndFlush(ByteBuffer(string: drop)).get()
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      defer { feeder.cancel() }
      let answer = await client.toEnd()
      if !answer.isEmpty { return answer }
    }
    return ""
  }

  @Test("whoever takes nothing of an answer is let go")
  func unreadAnswer() async throws {
    try await TestServer.run(
      { $0.requests.answerTime = .milliseconds(300) },
      before: { engine in
        for _ in 0..<8 {
          try engine.emit(500) { signal, _ in signal.title = String(repeating: "x", count: 400) }
        }
      }
    ) { test in
      let client = try await RawClient.connect(test.port, reads: false)
      let request = RawClient.get(
        "/v1/signals?limit=500", "Authorization: Bearer \(test.tokens[.viewer] ?? "")\r\n")
      // More than the buffers of both sides hold.
      try await client.write(String(repeating: request, count: 40))
      try await eventually { !client.channel.isWritable || test.server.openConnections == 0 }
      try await eventually { test.server.openConnections == 0 }
      #expect(try await test.ask("GET", "/v1/status", [test.bearer(.viewer)]).status == 200)
      await client.close()
    }
  }

  @Test("a hundred wrong tokens from one address shut out its wrong ones alone")
  func wrongTokens() async throws {
    try await TestServer.run { test in
      var statuses: [Int: Int] = [:]
      for number in 0..<100 {
        let wrong = "Bearer bb_abcdefgh_\(String(repeating: "A", count: 41))\(10 + number % 90)"
        let answer = try await test.ask("GET", "/v1/status", [("Authorization", wrong)], from: "127.0.0.2")
        statuses[answer.status, default: 0] += 1
        if answer.status == 429 {
          let seconds = Int(answer.header("retry-after") ?? "") ?? 0
          #expect((1...60).contains(seconds) && answer.text.contains("too-many-failures"))
        }
      }
      #expect(statuses.keys.sorted() == [401, 429])
      #expect((10...30).contains(statuses[401] ?? 0))
      // A right one from there works, and so does another address, with a right one and with its own mistakes.
      let right = [test.bearer(.viewer)]
      #expect(try await test.ask("GET", "/v1/status", right, from: "127.0.0.2").status == 200)
      #expect(try await test.upgrade("/v1/stream", right, from: "127.0.0.2").status == 101)
      #expect(try await test.ask("GET", "/v1/status", right, from: "127.0.0.3").status == 200)
      let wrong = [("Authorization", "Bearer nonsense")]
      #expect(try await test.ask("GET", "/v1/status", wrong, from: "127.0.0.3").status == 401)
      #expect(try await test.upgrade("/v1/stream", wrong, from: "127.0.0.2").status == 429)
    }
  }

  @Test("whoever asks too often is told when to come back; others are served, and so is who waits")
  func rates() async throws {
    try await TestServer.run({ options in
      options.gate.callerRate = TokenBucket.Rate(capacity: 5, perSecond: 0.01)
      options.gate.addressRate = TokenBucket.Rate(capacity: 20, perSecond: 0.01)
    }) { test in
      for _ in 0..<5 {
        #expect(
          try await test.ask("GET", "/v1/status", [test.bearer(.viewer)], from: "127.0.0.2").status == 200)
      }
      for target in ["/v1/status", "/v1/events"] {
        let answer = try await test.ask("GET", target, [test.bearer(.viewer)], from: "127.0.0.3")
        #expect(answer.status == 429 && (Int(answer.header("retry-after") ?? "") ?? 0) > 0)
      }
      #expect(try await test.upgrade("/v1/stream", [test.bearer(.viewer)], from: "127.0.0.3").status == 429)
      #expect(
        try await test.ask("GET", "/v1/status", [test.bearer(.operator)], from: "127.0.0.3").status == 200)
      for _ in 0..<15 { _ = try await test.ask("GET", "/healthz", from: "127.0.0.2") }
      let answer = try await test.ask("GET", "/healthz", from: "127.0.0.2")
      #expect(answer.status == 429 && (Int(answer.header("retry-after") ?? "") ?? 0) > 0)
      #expect(try await test.ask("GET", "/healthz", from: "127.0.0.4").status == 200)
    }
  }

  @Test("there are so many connections of one address, so many in all, and so many streams of one token")
  func caps() async throws {
    try await TestServer.run({ options in
      options.mostConnections = 6
      options.mostConnectionsOfOneAddress = 4
      options.mostStreamsOfOneCaller = 2
    }) { test in
      try await test.socket { first in
        _ = try await first.text()
        try await test.socket { second in
          _ = try await second.text()
          for answer in [
            try await test.upgrade("/v1/stream", [test.bearer(.viewer)]),
            try await test.ask("GET", "/v1/events", [test.bearer(.viewer)], from: "127.0.0.2"),
          ] {
            #expect(answer.status == 429 && answer.text.contains("too-many-streams"))
            #expect(answer.header("retry-after") != nil)
          }
          #expect(try await test.upgrade("/v1/stream", [test.bearer(.operator)]).status == 101)
          // Two more of this address, and two of others.
          let third = try await RawClient.connect(test.port)
          let fourth = try await RawClient.connect(test.port)
          try await eventually { test.server.openConnections == 4 }
          let refused = try await test.ask("GET", "/healthz")
          #expect(refused.status == 429 && refused.header("retry-after") != nil)
          #expect(try await test.ask("GET", "/healthz", from: "127.0.0.2").status == 200)
          async let fifth = test.ask("GET", "/v1/events", [test.bearer(.operator)], from: "127.0.0.2")
          try await eventually { test.server.openConnections == 5 }
          async let sixth = test.ask("GET", "/v1/events", [test.bearer(.operator)], from: "127.0.0.2")
          try await eventually { test.server.openConnections == 6 }
          let full = try await test.ask("GET", "/healthz", from: "127.0.0.3")
          #expect(full.status == 503 && full.header("retry-after") != nil)
          await third.close()
          await fourth.close()
          try await eventually { test.server.openConnections == 4 }
          #expect(try await test.ask("GET", "/healthz", from: "127.0.0.3").status == 200)
          let id = try #require(AccessToken.id(of: test.tokens[.operator] ?? ""))
          #expect(
            try await test.ask("DELETE", "/v1/tokens/\(id)", [test.bearer(.admin)], from: "127.0.0.3").status
              == 200)
          let statuses = try await (fifth.status, sixth.status)
          #expect(statuses == (200, 200))
        }
      }
    }
  }
}

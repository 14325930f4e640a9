import Broadcast
import Glibc
import Testing

@Suite("Credentials, through the server", .timeLimit(.minutes(2)))
struct CredentialTests {
  @Test("nobody is let in without a token, anywhere")
  func none() async throws {
    try await TestServer.run({ $0.gate.failureRate = TokenBucket.Rate(capacity: 1000, perSecond: 1) }) {
      test in
      for (method, target, _) in TestServer.places {
        let answer = try await test.ask(method, target)
        #expect(answer.status == 401, "\(method) \(target)")
        #expect(answer.header("www-authenticate") == "Bearer realm=\"betterbot\"")
        #expect(answer.text.contains("authentication-required"))
      }
      #expect(try await test.upgrade().status == 401)
      #expect(try await test.ask("GET", "/healthz").status == 200)
      #expect(test.engine.changes.isEmpty)
    }
  }

  @Test("nobody is let in with a wrong token, however near it is to a right one")
  func wrong() async throws {
    try await TestServer.run({ $0.gate.failureRate = TokenBucket.Rate(capacity: 1000, perSecond: 1) }) {
      test in
      let right = try #require(test.tokens[.admin])
      let other = try #require(test.tokens[.viewer])
      let last = right.last == "A" ? "B" : "A"
      let changed = String(right.dropLast(2)) + last + String(right.suffix(1))
      let mixed = String(right.prefix(12)) + String(other.dropFirst(12))
      let unsigned = "eyJhbGciOiJub25lIn0.eyJyb2xlIjoiYWRtaW4ifQ."
      let wrong: [String] = [
        "x", "bb_", String(right.dropLast()), right + "A", changed, right.uppercased(), mixed,
        "\(right),\(right)", "\(right) \(right)", unsigned, String(repeating: "a", count: 20_000),
      ]
      for token in wrong {
        let answer = try await test.ask("GET", "/v1/status", [("Authorization", "Bearer \(token)")])
        #expect(answer.status == 401, "\(token.prefix(60))")
        #expect(answer.header("www-authenticate")?.contains("error=\"invalid_token\"") == true)
        if token.count > 12 { #expect(!answer.text.contains(token.prefix(12))) }
        let socket = try await test.upgrade("/v1/stream", [("Authorization", "Bearer \(token)")])
        #expect(socket.status == 401)
      }
      for header in ["Basic \(right)", right, "Bearer", "Bearer ", "Token \(right)"] {
        #expect(try await test.ask("GET", "/v1/status", [("Authorization", header)]).status == 401)
      }
      let twice = [test.bearer(.viewer), test.bearer(.viewer)]
      #expect(try await test.ask("GET", "/v1/status", twice).status == 400)
    }
  }

  @Test("a token that has expired lets nobody in, and one that expires ends its streams")
  func expired() async throws {
    let now = Int64(time(nil)) * 1000
    let old = AccessToken.make(name: "old", role: .admin, created: 1, expires: now - 1000)
    let soon = AccessToken.make(name: "soon", role: .viewer, created: 1, expires: now + 4000)
    try await TestServer.run(before: { engine in
      try engine.write {
        try $0.append(token: old.record)
        try $0.append(token: soon.record)
      }
    }) { test in
      let expired = ("Authorization", "Bearer \(old.text)")
      #expect(try await test.ask("GET", "/v1/status", [expired]).status == 401)
      #expect(try await test.upgrade("/v1/stream", [expired]).status == 401)
      #expect(try await test.ask("GET", "/v1/events", [expired]).status == 401)
      let live = ("Authorization", "Bearer \(soon.text)")
      async let events = test.ask("GET", "/v1/events", [live])
      async let socket = RawExchange.send(
        "GET", "/v1/stream", port: test.port,
        headers: [
          live, ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
          ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ], until: "has expired")
      // On a busy machine they may come too late to be let in at all.
      let (first, second) = try await (events, socket)
      #expect(first.status == 401 || first.text.contains("the token was revoked or has expired"))
      #expect(second.status == 401 || second.text.contains("the token was revoked or has expired"))
    }
  }

  @Test("whoever is revoked while connected is sent away, from a WebSocket and from server-sent events")
  func revoked() async throws {
    try await TestServer.run { test in
      let token = try #require(test.tokens[.viewer])
      let opened = AsyncStream<Void>.makeStream()
      let events = Task {
        let client = try await RawClient.connect(test.port)
        try await client.write(
          RawClient.get("/v1/events", "Authorization: Bearer \(token)\r\nConnection: close\r\n"))
        #expect(try await client.head().contains(" 200 "))
        opened.continuation.finish()
        return await client.toEnd()
      }
      for await _ in opened.stream {}
      let ticket = try await test.ticket()
      try await test.socket { socket in
        _ = try await socket.text()
        // Whom a ticket of the same token let in goes too.
        try await test.socket("/v1/stream?ticket=\(ticket)", as: nil) { other in
          _ = try await other.text()
          let id = try #require(AccessToken.id(of: token))
          let clock = ContinuousClock()
          let began = clock.now
          let answer = try await test.ask("DELETE", "/v1/tokens/\(id)", [test.bearer(.admin)])
          #expect(answer.status == 200 && !answer.text.contains(token))
          #expect(try await socket.text() == nil && socket.closeReason?.code == 1008)
          #expect(try await other.text() == nil && other.closeReason?.code == 1008)
          #expect(try await events.value.contains("event: close"))
          #expect(clock.now - began < .seconds(5))
        }
      }
      #expect(try await test.ask("GET", "/v1/status", [test.bearer(.viewer)]).status == 401)
      #expect(try await test.upgrade("/v1/stream", [test.bearer(.viewer)]).status == 401)
    }
  }

  @Test("no role does what a higher one is for, and nothing happens")
  func roles() async throws {
    try await TestServer.run { test in
      for (method, target, wanted) in TestServer.places {
        for role in [Role.viewer, .operator] where wanted.map({ role < $0 }) ?? false {
          let answer = try await test.ask(method, target, [test.bearer(role)])
          #expect(
            answer.status == 403 && answer.text.contains("role-required"), "\(role) \(method) \(target)")
        }
      }
      #expect(test.engine.changes.isEmpty)
      #expect(try await test.ask("POST", "/v1/reload", [test.bearer(.operator)]).status == 200)
      #expect(test.engine.changes == ["reload"])
    }
  }

  @Test("a token in the query is refused with 400 everywhere, and is not said again")
  func query() async throws {
    try await TestServer.run { test in
      let token = try #require(test.tokens[.admin])
      for target in ["/v1/status", "/v1/signals", "/v1/stream", "/v1/events", "/metrics", "/healthz"] {
        for query in ["access_token=x", "token=\(token)", "a=\(token)", "ticket=\(token)", token] {
          let answer = try await test.ask("GET", "\(target)?\(query)", [test.bearer(.viewer)])
          #expect(answer.status == 400 && answer.text.contains("secret-in-query"), "\(target)?\(query)")
          #expect(!answer.text.contains(token))
        }
      }
      #expect(try await test.upgrade("/v1/stream?token=\(token)").status == 400)
    }
  }

  @Test("a ticket lets in once, over either kind of stream, and nowhere else")
  func tickets() async throws {
    try await TestServer.run { test in
      let events = try await test.ticket()
      #expect(events.count == 43)
      let first = try await test.ask("GET", "/v1/events?ticket=\(events)", until: "event: hello")
      #expect(first.status == 200)
      #expect(try await test.ask("GET", "/v1/events?ticket=\(events)").status == 401)
      #expect(try await test.upgrade("/v1/stream?ticket=\(events)").status == 401)
      let socket = try await test.ticket()
      #expect(try await test.upgrade("/v1/stream?ticket=\(socket)").status == 101)
      #expect(try await test.upgrade("/v1/stream?ticket=\(socket)").status == 401)
      let other = try await test.ticket()
      #expect(try await test.ask("GET", "/v1/signals?ticket=\(other)").status == 401)
      #expect(try await test.ask("POST", "/v1/tickets?ticket=\(other)").status == 401)
      let both = try await test.ask("GET", "/v1/events?ticket=\(other)", [test.bearer(.viewer)])
      #expect(both.status == 400)
    }
  }

  @Test("many requests at the same time with one ticket let one of them in")
  func race() async throws {
    try await TestServer.run({ $0.gate.failureRate = TokenBucket.Rate(capacity: 1000, perSecond: 1) }) {
      test in
      for _ in 0..<5 {
        let ticket = try await test.ticket()
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
          for number in 0..<12 {
            group.addTask {
              number % 2 == 0
                ? try await test.upgrade("/v1/stream?ticket=\(ticket)").status
                : try await test.ask("GET", "/v1/events?ticket=\(ticket)", until: "event: hello").status
            }
          }
          return try await group.reduce(into: 0) { $0 += $1 == 101 || $1 == 200 ? 1 : 0 }
        }
        #expect(count == 1)
      }
    }
  }
}

import Broadcast
import Testing

@Suite("Pages and names, through the server", .timeLimit(.minutes(1)))
struct OriginTests {
  @Test(
    "a page from elsewhere gets nothing: no answer, no stream, no WebSocket, though it has a token or a ticket"
  )
  func foreignOrigin() async throws {
    try await TestServer.run { test in
      for origin in [
        "https://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:\(test.port)", "file://",
        "http://127.0.0.1:\(test.port).evil.example", "http://localhost:\(test.port)", "", "*",
      ] {
        let headers = [test.bearer(.viewer), ("Origin", origin)]
        let plain = try await test.ask("GET", "/v1/status", headers)
        #expect(plain.status == 403 && plain.text.contains("foreign-origin"), "\(origin)")
        #expect(try await test.ask("GET", "/v1/events", headers).status == 403, "\(origin)")
        #expect(
          try await test.ask("POST", "/v1/reload", [test.bearer(.admin), ("Origin", origin)]).status == 403)
        #expect(try await test.upgrade("/v1/stream", headers).status == 403, "\(origin)")
        #expect(try await test.ask("GET", "/healthz", [("Origin", origin)]).status == 403)
      }
      let ticket = try await test.ticket()
      let evil = ("Origin", "https://evil.example")
      #expect(try await test.upgrade("/v1/stream?ticket=\(ticket)", [evil]).status == 403)
      #expect(try await test.ask("GET", "/v1/events?ticket=\(ticket)", [evil]).status == 403)
      let two = [test.bearer(.viewer), ("Origin", "http://127.0.0.1:\(test.port)"), evil]
      #expect(try await test.upgrade("/v1/stream", two).status == 403)
      #expect(test.engine.changes.isEmpty)
      // Its own pages may, and the ticket is still good.
      let own = ("Origin", "http://127.0.0.1:\(test.port)")
      #expect(try await test.upgrade("/v1/stream?ticket=\(ticket)", [own]).status == 101)
      #expect(try await test.ask("GET", "/v1/status", [test.bearer(.viewer), own]).status == 200)
    }
  }

  @Test("a name that is not the server's is refused, as DNS rebinding would use it")
  func foreignHost() async throws {
    try await TestServer.run { test in
      for host in [
        "evil.example", "evil.example:\(test.port)", "127.0.0.1.evil.example", "0.0.0.0", "[::]", "127.0.0.2",
        "", "localhost:0", "localhost:x", "user@localhost", "127.0.0.1, localhost", "127.0.0.1/x",
      ] {
        let headers = [("Host", host), test.bearer(.viewer)]
        let plain = try await test.ask("GET", "/v1/status", headers)
        #expect(plain.status == 421 && plain.text.contains("unknown-host"), "\(host)")
        #expect(try await test.ask("GET", "/healthz", [("Host", host)]).status == 421, "\(host)")
        #expect(try await test.ask("GET", "/v1/events", headers).status == 421, "\(host)")
        #expect(try await test.upgrade("/v1/stream", headers).status == 421, "\(host)")
      }
      // A page of the attacker's under its own name is no page of ours.
      let rebound = [("Host", "evil.example"), ("Origin", "http://evil.example"), test.bearer(.viewer)]
      #expect(try await test.upgrade("/v1/stream", rebound).status == 421)
      for host in ["localhost", "LOCALHOST:\(test.port)", "127.0.0.1", "[::1]:\(test.port)"] {
        #expect(
          try await test.ask("GET", "/v1/status", [("Host", host), test.bearer(.viewer)]).status == 200)
      }
    }
  }

  @Test("of several hosts none counts, and of an absolute target its host")
  func severalHosts() async throws {
    try await TestServer.run { test in
      let own = "127.0.0.1:\(test.port)"
      for hosts in [[own, "evil.example"], ["evil.example", own], [own, own]] {
        let answer = try await test.ask(
          "GET", "/v1/status", hosts.map { ("Host", $0) } + [test.bearer(.viewer)])
        #expect(answer.status == 400, "\(hosts)")
      }
      for (target, host, status) in [
        ("http://evil.example/v1/status", own, 421), ("http://\(own)/v1/status", "evil.example", 200),
        ("http://\(own)/v1/status", own, 200), ("HTTP://evil.example", own, 421), ("http://", own, 421),
        ("http://a:b@127.0.0.1/v1/status", own, 421), ("https://evil.example?/v1/status", own, 421),
      ] {
        let answer = try await test.ask("GET", target, [("Host", host), test.bearer(.viewer)])
        #expect(answer.status == status, "\(target)")
      }
      let socket = try await test.upgrade("http://evil.example/v1/stream", [test.bearer(.viewer)])
      #expect(socket.status == 421)
    }
  }

  @Test(
    "without a page in the configuration no answer says anything of other pages, not even before a request")
  func noCORS() async throws {
    try await TestServer.run { test in
      let own = ("Origin", "http://127.0.0.1:\(test.port)")
      for answer in [
        try await test.ask("GET", "/v1/status", [test.bearer(.viewer), own]),
        try await test.ask("GET", "/v1/status", [test.bearer(.viewer), ("Origin", "https://evil.example")]),
        try await test.ask(
          "OPTIONS", "/v1/status",
          [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "GET")]),
        try await test.ask("OPTIONS", "/v1/status", [own, ("Access-Control-Request-Method", "GET")]),
      ] {
        #expect(!answer.headers.contains { $0.name.hasPrefix("access-control-") })
      }
    }
  }

  @Test("a page of the configuration may do what its token may, on every kind of request; others may not")
  func configured() async throws {
    try await TestServer.run({ $0.gate.origins = OriginPolicy(["https://desk.example"]) }) { test in
      let desk = ("Origin", "https://desk.example")
      for target in ["/v1/status", "/v1/nothing"] {
        let answer = try await test.ask("GET", target, [test.bearer(.viewer), desk])
        #expect(answer.header("access-control-allow-origin") == "https://desk.example")
        #expect(answer.header("vary") == "Origin")
        #expect(answer.header("access-control-allow-credentials") == nil)
      }
      #expect(try await test.upgrade("/v1/stream", [test.bearer(.viewer), desk]).status == 101)
      let events = try await test.ask(
        "GET", "/v1/events", [test.bearer(.viewer), desk], until: "event: hello")
      #expect(events.status == 200 && events.header("access-control-allow-origin") == "https://desk.example")
      // What a browser asks first has no token; it is told what may be asked, and nothing is done.
      let preflight = try await test.ask(
        "OPTIONS", "/v1/reload", [desk, ("Access-Control-Request-Method", "POST")])
      #expect(preflight.status == 204 && preflight.header("access-control-allow-origin") == desk.1)
      #expect(preflight.header("access-control-allow-methods")?.contains("PUT") == true)
      #expect(preflight.header("access-control-allow-headers")?.contains("Authorization") == true)
      let evil = [("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST")]
      let other = try await test.ask("OPTIONS", "/v1/reload", evil)
      #expect(other.status == 403 && other.header("access-control-allow-origin") == nil)
      #expect(other.header("access-control-allow-methods") == nil)
      #expect(test.engine.changes.isEmpty)
    }
  }
}

import Broadcast
import Testing

/// What stands in the head of every answer.
enum AnswerHeaders {
  static func check(_ answer: RawExchange.Answer, _ what: String) {
    // A WebSocket is no page.
    if answer.status == 101 { return }
    let wanted = [
      ("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("x-frame-options", "DENY"),
      ("referrer-policy", "no-referrer"), ("cross-origin-resource-policy", "same-origin"),
      ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
    ]
    for (name, value) in wanted { #expect(answer.header(name) == value, "\(what): \(name)") }
    #expect(!answer.headers.contains { $0.name.hasPrefix("access-control-") }, "\(what)")
    #expect(answer.header("server") == nil, "\(what)")
  }
}

@Suite("The heads of answers", .timeLimit(.minutes(1)))
struct AnswerHeaderTests {
  @Test("HEAD is answered like GET without a body, and takes no place among the streams")
  func head() async throws {
    try await TestServer.run({ $0.mostStreamsOfOneCaller = 1 }) { test in
      let bearer = [("Authorization", "Bearer \(test.tokens[.admin] ?? "")")]
      for path in ["/healthz", "/v1/status", "/v1/signals", "/v1/rules", "/v1/tokens", "/openapi.json"] {
        let get = try await RawExchange.send("GET", path, port: test.port, headers: bearer)
        let head = try await RawExchange.send("HEAD", path, port: test.port, headers: bearer)
        #expect(head.status == 200)
        #expect(head.header("content-type") == get.header("content-type"))
        #expect(head.header("content-length") == "\(get.body.count)", "\(path)")
        AnswerHeaders.check(head, path)
      }
      for (path, status) in [("/v1/nothing", 404), ("/v1/rules/nobody", 404), ("/v1/signals?limit=0", 400)] {
        #expect(try await RawExchange.send("HEAD", path, port: test.port, headers: bearer).status == status)
      }
      for _ in 0..<3 {
        let head = try await RawExchange.send("HEAD", "/v1/events", port: test.port, headers: bearer)
        #expect(head.status == 200 && head.header("content-type") == "text/event-stream")
      }
      let events = try await RawExchange.send(
        "GET", "/v1/events", port: test.port, headers: bearer, until: "event: hello")
      #expect(events.status == 200)
    }
  }

  @Test("a path that is not there is 401 without a token, and 404 with one, however it is written")
  func unknown() async throws {
    try await TestServer.run { test in
      let bearer = [("Authorization", "Bearer \(test.tokens[.viewer] ?? "")")]
      for path in [
        "/", "/v1", "/v1/nothing", "/v2/signals", "/v1/signals/a/b", "/V1/signals", "/v1/%74okens",
      ] {
        let without = try await RawExchange.send("GET", path, port: test.port)
        #expect(without.status == 401, "\(path)")
        let with = try await RawExchange.send("GET", path, port: test.port, headers: bearer)
        #expect(with.status == 404, "\(path)")
        AnswerHeaders.check(with, path)
      }
      for path in [
        "//v1//tokens", "/v1/tokens/", "/v1/./tokens", "/v1/x/../tokens", "/v1/tokens?x", "/v1/tokens#x",
      ] {
        let answer = try await RawExchange.send("GET", path, port: test.port, headers: bearer)
        #expect([400, 403, 404].contains(answer.status), "\(path): \(answer.status)")
      }
    }
  }

  @Test("405 says what there is")
  func allow() async throws {
    try await TestServer.run { test in
      let bearer = [("Authorization", "Bearer \(test.tokens[.admin] ?? "")")]
      let wanted = [
        ("/v1/rules/x", "DELETE, GET, HEAD, PUT"), ("/v1/reload", "POST"), ("/healthz", "GET, HEAD"),
        ("/v1/webhooks", "GET, HEAD, POST"), ("/v1/tokens/abcdefgh", "DELETE"),
      ]
      for (path, methods) in wanted {
        for verb in ["PATCH", "OPTIONS", "TRACE", "QUERY"] {
          let answer = try await RawExchange.send(verb, path, port: test.port, headers: bearer)
          #expect(answer.status == 405 && answer.header("allow") == methods, "\(verb) \(path)")
          AnswerHeaders.check(answer, path)
        }
      }
    }
  }

  @Test("only a page that is configured may read answers from elsewhere")
  func origins() async throws {
    try await TestServer.run({ $0.gate.origins = OriginPolicy(["https://desk.example"]) }) { test in
      let bearer = ("Authorization", "Bearer \(test.tokens[.viewer] ?? "")")
      let answer = try await RawExchange.send(
        "GET", "/v1/status", port: test.port, headers: [bearer, ("Origin", "https://desk.example")])
      #expect(answer.status == 200 && answer.header("access-control-allow-origin") == "https://desk.example")
      #expect(answer.header("access-control-allow-credentials") == nil)
      let other = try await RawExchange.send(
        "GET", "/v1/status", port: test.port, headers: [bearer, ("Origin", "https://evil.example")])
      #expect(other.status == 403 && other.header("access-control-allow-origin") == nil)
      let preflight = try await RawExchange.send(
        "OPTIONS", "/v1/status", port: test.port,
        headers: [("Origin", "https://desk.example"), ("Access-Control-Request-Method", "GET")])
      #expect(preflight.status == 204 && preflight.header("access-control-allow-methods") != nil)
    }
  }
}

import Broadcast
import Testing

@Suite("Ids of rules that are paths", .timeLimit(.minutes(1)))
struct RulePathTests {
  @Test(
    "nothing but the name of a rule gets through, whatever is done with it",
    arguments: [
      "..", "%2e%2e", "%2E%2E", ".%2e", "%2e", "a%00b", "%00", "a%00.lua", "a%2fb", "a%2Fb", "..%2fa",
      "%2e%2e%2fa",
      "..%2f..%2fetc%2fpasswd", "%2fetc%2fpasswd", "a%5cb", "..%5ca", "a.lua", "a.", "-a", "1a", "A", "a%20",
      "a%0a",
      "%c0%ae%c0%ae", "%252e%252e", "a%", "a%zz", "con:", "~root", "a%c3%a9", "a;b", "a%3fb", "a%23b", "%",
      String(repeating: "a", count: 65),
    ])
  func names(id: String) async throws {
    try await TestServer.run { test in
      for (method, suffix) in [("PUT", ""), ("DELETE", ""), ("POST", "/resume"), ("GET", "")] {
        let answer = try await test.ask(
          method, "/v1/rules/\(id)\(suffix)", [test.bearer(.admin)], body: method == "PUT" ? [0x78] : [])
        #expect([400, 404].contains(answer.status), "\(method) \(id): \(answer.status)")
      }
      #expect(test.engine.changes.isEmpty)
    }
  }

  @Test("a path with more in it leads nowhere, and a NUL or a byte that is no letter ends the connection")
  func targets() async throws {
    try await TestServer.run { test in
      let token = test.tokens[.admin] ?? ""
      for target in [
        "/v1/rules/../rules/x", "/v1/rules/x/..", "/v1/rules/./x", "/v1/rules//../x",
        "/v1/rules/../../etc/passwd",
        "/v1/rules/a/b", "/v1/rules/a/../b/resume", "/v1/rules/", "/v1/rules/a/./resume", "/v1/%72ules/x",
        "/v1/rules\\x", "/v1/rules/..;/x",
      ] {
        for method in ["PUT", "DELETE"] {
          let answer = try await test.ask(method, target, [test.bearer(.admin)])
          #expect([400, 404, 405].contains(answer.status), "\(method) \(target): \(answer.status)")
        }
      }
      for target in ["/v1/rules/a\u{0}b", "/v1/rules/\u{0}", "/v1/rules/a\u{7F}", "/v1/rules/a b"] {
        let request = "DELETE \(target) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n\r\n"
        let answer = try await RawExchange.bytes(request, port: test.port)
        #expect(answer.hasPrefix("HTTP/1.1 400 ") || answer.hasPrefix("HTTP/1.1 505 "), "\(target)")
      }
      #expect(test.engine.changes.isEmpty)
    }
  }
}

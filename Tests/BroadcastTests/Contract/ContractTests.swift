import Broadcast
import Journal
import OrderFlow
import Testing

/// Every answer that the document promises is provoked, and held to it.
@Suite("The contract of the API", .timeLimit(.minutes(5)))
struct ContractTests {
  @Test("every promised answer is given, and each is what the document says")
  func everything() async throws {
    let contract = try Contract()
    try await TestServer.run(
      { options in
        options.gate.addressRate = .init(capacity: 100_000, perSecond: 100_000)
        options.gate.callerRate = .init(capacity: 100_000, perSecond: 100_000)
        options.gate.failureRate = .init(capacity: 100_000, perSecond: 100_000)
      }, before: ContractData.fill
    ) { test in
      let asker = Asker(contract: contract, test: test)
      try await asker.everywhere()
      try await asker.reading()
      try await asker.streams()
      try await asker.changing()
      try ContractData.webhooks(test.engine)
      try await asker.webhooks()
      try await asker.tokens()
      test.engine.setTroubles(["the disk is full"])
      try await asker.expect(503, "GET", "/readyz")
      try test.engine.breakTables()
      try await asker.broken()
    }
    try await TestServer.run({ $0.gate.addressRate = .init(capacity: 1, perSecond: 0.001) }) { test in
      let asker = Asker(contract: contract, test: test)
      _ = try await RawExchange.send("GET", "/healthz", port: test.port)
      for (method, path) in asker.operations {
        try await asker.expect(429, method, path, target: Asker.concrete(path))
      }
    }
    #expect(contract.unseen == [])
  }
}

/// Asks a server, and holds its answers to the contract.
struct Asker {
  let contract: Contract
  let test: TestServer

  /// All operations of the document.
  var operations: [(method: String, path: String)] {
    Set(contract.promises.map { "\($0.method) \($0.path)" }).sorted().map {
      let parts = $0.split(separator: " ").map(String.init)
      return (parts[0], parts[1])
    }
  }

  /// A path with something in the place of each name.
  static func concrete(_ path: String) -> String {
    if path.hasPrefix("/v1/signals/{") { return "/v1/signals/\(ContractData.signal)" }
    if path.hasPrefix("/v1/tokens/{") { return "/v1/tokens/abcdefgh" }
    return path.replacing("{id}", with: "whale_order").replacing("{name}", with: "desk")
  }

  /// Asks, and expects a status; `verb`: another method than the one whose promise it is.
  @discardableResult
  func expect(
    _ status: Int, _ method: String, _ path: String, target: String? = nil, verb: String? = nil,
    as role: Role? = .admin, headers: [(String, String)] = [], body: [UInt8] = [], until end: String? = nil
  ) async throws -> RawExchange.Answer {
    var headers = headers
    if let token = role.flatMap({ test.tokens[$0] }) { headers.append(("Authorization", "Bearer \(token)")) }
    let target = target ?? path
    let what = "\(verb ?? method) \(target)"
    let answer = try await RawExchange.send(
      verb ?? method, target, port: test.port, headers: headers, body: body, until: end)
    #expect(answer.status == status, "\(what): \(answer.text.prefix(300))")
    contract.check(method, path, answer, what)
    AnswerHeaders.check(answer, what)
    return answer
  }

  /// What goes for every operation.
  func everywhere() async throws {
    for (method, path) in operations {
      let target = Asker.concrete(path)
      try await expect(400, method, path, target: target + "?nonsense=1")
      try await expect(421, method, path, target: target, headers: [("Host", "evil.example")])
      try await expect(405, method, path, target: target, verb: "PATCH")
      if contract.response(method, path, 401) == nil { continue }
      try await expect(401, method, path, target: target, as: nil)
      try await expect(401, method, path, target: target, as: nil, headers: [("Authorization", "Bearer x")])
      try await expect(403, method, path, target: target, headers: [("Origin", "https://evil.example")])
      try await expect(400, method, path, target: target + "?api_key=x")
      let role = contract.document["paths"]?[path]?[method.lowercased()]?["x-role"]?.text ?? ""
      for lower in Role.allCases where lower < Role(rawValue: role) ?? .viewer {
        try await expect(403, method, path, target: target, as: lower)
      }
    }
  }

  // MARK: Reading

  func reading() async throws {
    for path in [
      "/healthz", "/readyz", "/v1/status", "/metrics", "/openapi.json", "/v1/rules", "/v1/webhooks",
    ] {
      try await expect(200, "GET", path, as: path == "/v1/webhooks" ? .admin : .viewer)
    }
    let pages = [
      "", "?limit=1", "?order=oldest&limit=500", "?after=0", "?after=3", "?after=9223372036854775807",
    ]
    for path in ["/v1/signals", "/v1/orders", "/v1/dead-letters", "/v1/versions"] {
      for page in pages { try await expect(200, "GET", path, target: path + page, as: .viewer) }
    }
    let filters = [
      "?market=market-a", "?token=t&user=u", "?since=0&until=99999999999999", "?since=2026-01-04",
      "?until=2024-02-29T23:59:59Z", "?user=%C3%A9", "?market=a+b",
    ]
    for filter in filters {
      try await expect(200, "GET", "/v1/signals", target: "/v1/signals" + filter)
      try await expect(200, "GET", "/v1/orders", target: "/v1/orders" + filter)
    }
    for severity in Severity.allCases {
      try await expect(
        200, "GET", "/v1/signals", target: "/v1/signals?rule=cluster&severity=\(severity.name)")
    }
    try await expect(200, "GET", "/v1/markets")
    try await expect(200, "GET", "/v1/markets", target: "/v1/markets?limit=1")
    let wrong = [
      "?limit=0", "?limit=501", "?limit=1e2", "?limit=", "?after=-1", "?after=9223372036854775808",
      "?order=up",
      "?limit=1&limit=1", "?since=2026-13-01", "?since=yesterday", "?since=2023-02-29", "?rule=",
      "?severity=HIGH",
      "?market=%00", "?user=\(String(repeating: "x", count: 257))", "?token=bb_abcdefgh_secret",
    ]
    for query in wrong { try await expect(400, "GET", "/v1/signals", target: "/v1/signals" + query) }
    for number in 1...41 {
      let id = Digest128(high: 7, low: UInt64(number)).hex
      try await expect(200, "GET", "/v1/signals/{id}", target: "/v1/signals/\(id)")
    }
    try await expect(
      200, "GET", "/v1/signals/{id}", target: "/v1/signals/\(ContractData.signal.uppercased())")
    try await expect(
      404, "GET", "/v1/signals/{id}", target: "/v1/signals/\(String(repeating: "f", count: 32))")
    try await expect(400, "GET", "/v1/signals/{id}", target: "/v1/signals/1")
    try await expect(200, "GET", "/v1/rules/{id}", target: "/v1/rules/whale_order")
    try await expect(404, "GET", "/v1/rules/{id}", target: "/v1/rules/nobody")
    try await expect(400, "GET", "/v1/rules/{id}", target: "/v1/rules/No")
  }

  func streams() async throws {
    try await expect(426, "GET", "/v1/stream", as: .viewer)
    let events = try await expect(
      200, "GET", "/v1/events", target: "/v1/events?after=0", until: "event: signal")
    #expect(events.header("content-type") == "text/event-stream")
    try await expect(200, "GET", "/v1/events", headers: [("Last-Event-ID", "3")], until: "event: signal")
    try await expect(400, "GET", "/v1/events", headers: [("Last-Event-ID", "x")])
    for path in ["/v1/stream", "/v1/events"] {
      try await expect(409, "GET", path, target: path + "?after=999999999")
      for query in ["?topics=", "?topics=errors,", "?topics=all", "?after=x"] {
        try await expect(400, "GET", path, target: path + query)
      }
    }
    try await expect(
      101, "GET", "/v1/stream",
      headers: [
        ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
      ], until: "\r\n\r\n")
    try await expect(201, "POST", "/v1/tickets", as: .viewer)
  }

  // MARK: Changing

  func changing() async throws {
    let rule = Array("return {}".utf8)
    let (put, path) = ("PUT", "/v1/rules/{id}")
    func ask(_ status: Int, _ headers: [(String, String)] = [], _ body: [UInt8]) async throws {
      try await expect(
        status, put, path, target: "/v1/rules/mine", as: .operator, headers: headers, body: body)
    }
    try await ask(200, [], rule)
    for type in ["text/plain", "Text/Plain; charset=utf-8", "text/x-lua", "application/x-lua"] {
      try await ask(200, [("Content-Type", type)], rule)
    }
    try await ask(200, [("Content-Type", "application/octet-stream")], [UInt8](repeating: 32, count: 262_144))
    try await ask(415, [("Content-Type", "application/json")], rule)
    try await ask(413, [], [UInt8](repeating: 32, count: 262_145))
    #expect(test.engine.changes.last == "put mine 262144")
    try await expect(400, put, path, target: "/v1/rules/..%2Fmine", body: rule)
    let changes = [
      ("PUT", path, "/v1/rules/mine"), ("DELETE", path, "/v1/rules/mine"),
      ("POST", "/v1/rules/{id}/resume", "/v1/rules/mine/resume"), ("POST", "/v1/reload", "/v1/reload"),
    ]
    for (method, template, target) in changes {
      test.engine.answer(RuleChange(kind: .unchanged, version: "v1", text: "nothing to do"))
      try await expect(200, method, template, target: target, as: .operator)
      test.engine.answer(RuleChange(kind: .failed, version: "v1", text: "the disk is full"))
      try await expect(503, method, template, target: target)
      var refusal = RuleChange(kind: .refused, version: "v1", text: "mine.lua:1: a typo")
      refusal.problems = [.init(rule: "mine", file: "mine.lua", line: 1, message: "a typo")]
      test.engine.answer(refusal)
      try await expect(422, method, template, target: target)
      guard contract.response(method, template, 404) != nil, method != "PUT" else { continue }
      test.engine.answer(RuleChange(kind: .missing, version: "v1", text: "no such rule"))
      try await expect(404, method, template, target: target)
    }
    test.engine.answer(nil)
  }

  func tokens() async throws {
    let list = try await expect(200, "GET", "/v1/tokens")
    #expect(!list.text.contains("hash"))
    let token = AccessToken.make(name: "gone", role: .viewer, created: 7)
    try test.engine.write { try $0.append(token: token.record) }
    await test.server.refreshTokens()
    let bearer = [("Authorization", "Bearer \(token.text)")]
    try await expect(200, "GET", "/v1/status", as: nil, headers: bearer)
    let (path, target) = ("/v1/tokens/{id}", "/v1/tokens/\(token.record.id)")
    let answer = try JSONValue(try await expect(200, "DELETE", path, target: target).body)
    #expect(answer["revoked"]?.whole != nil)
    try await expect(401, "GET", "/v1/status", as: nil, headers: bearer)
    let again = try JSONValue(try await expect(200, "DELETE", path, target: target).body)
    #expect(again == answer)
    try await expect(404, "DELETE", path, target: "/v1/tokens/zzzzzzzz")
    try await expect(400, "DELETE", path, target: "/v1/tokens/gone")
  }
}

import Broadcast
import NIOCore
import Testing

@Suite("Attacks on the server", .timeLimit(.minutes(3)))
struct AttackTests {
  private func isServing(_ test: TestServer) async throws -> Bool {
    try await test.ask("GET", "/v1/status", [test.bearer(.viewer)], from: "127.0.0.9").status == 200
  }

  @Test(
    "a request that two readers could understand differently is refused, and nothing behind it is a request",
    arguments: [
      "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
      "Content-Length: 4\r\nContent-Length: 5\r\n", "Content-Length: 4\r\nContent-Length: 4\r\n",
      "Content-Length: 4, 4\r\n", "Content-Length: +4\r\n", "Content-Length: -1\r\n",
      "Content-Length: 0x4\r\n",
      "Content-Length: 4 4\r\n", "Content-Length: 99999999999999999999999\r\n", "Content-Length:\r\n",
      "Transfer-Encoding: identity\r\n", "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: chunked, gzip\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "Transfer-Encoding : chunked\r\n",
      "X: a\r\n Transfer-Encoding: chunked\r\n", "X: a\rb\r\n", "X: a\u{0}b\r\n", "X\u{0}: a\r\n", ": a\r\n",
      "X\r\n",
      "X : a\r\n", "Host: evil.example\r\n", "Host : localhost\r\n",
    ])
  func smuggling(fields: String) async throws {
    try await TestServer.run { test in
      let head = "Host: localhost\r\nAuthorization: Bearer \(test.tokens[.admin] ?? "")\r\n"
      let hidden = "POST /v1/reload HTTP/1.1\r\n\(head)\r\n"
      let answer = try await RawExchange.bytes(
        "PUT /v1/rules/x HTTP/1.1\r\n\(head)\(fields)\r\n0\r\n\r\n\(hidden)", port: test.port)
      #expect(answer.hasPrefix("HTTP/1.1 400 "), "\(answer.prefix(100))")
      #expect(answer.matches(of: /HTTP\/1\.1 [0-9]/).count == 1, "\(answer)")
      #expect(test.engine.changes.isEmpty)
    }
  }

  @Test("other protocols and methods come to nothing")
  func protocols() async throws {
    try await TestServer.run { test in
      let head =
        "Host: localhost\r\nAuthorization: Bearer \(test.tokens[.viewer] ?? "")\r\nConnection: close\r\n\r\n"
      for (line, status) in [
        ("CONNECT 127.0.0.1:22 HTTP/1.1", "404"), ("CONNECT /v1/status HTTP/1.1", "405"),
        ("TRACE /v1/status HTTP/1.1", "405"), ("OPTIONS * HTTP/1.1", "404"),
        ("get /v1/status HTTP/1.1", "400"),
        ("GET /v1/status", "505"), ("GET /v1/status HTTP/1.2", "505"), ("GET /v1/status HTTP/9.9", "505"),
        ("PRI * HTTP/2.0", "505"), ("GET /v1/status HTTP/1.1", "200"), ("GET /v1/status HTTP/1.0", "200"),
        ("GET //v1/status HTTP/1.1", "200"), ("GET \(String(repeating: "/", count: 20_000)) HTTP/1.1", "404"),
        ("GET /v1/signals?rule=\(String(repeating: "a", count: 30_000)) HTTP/1.1", "400"),
        ("GET /v1/signals?\(String(repeating: "a&", count: 15_000)) HTTP/1.1", "400"),
        ("GET /v1/signals?limit=%ff&rule=%zz HTTP/1.1", "400"), ("GET /%00%ff%fe HTTP/1.1", "404"),
      ] {
        let answer = try await RawExchange.bytes("\(line)\r\n\(head)", port: test.port)
        #expect(
          answer.contains(" \(status) ") && answer.hasPrefix("HTTP/1."),
          "\(line.prefix(60)): \(answer.prefix(60))")
        #expect(!answer.contains(test.tokens[.viewer] ?? "-"))
      }
      #expect(try await isServing(test))
    }
  }

  @Test(
    "a thousand requests at once on a connection: some are answered, in order, and the rest is not even looked at"
  )
  func pipelined() async throws {
    try await TestServer.run({ $0.gate.addressRate = TokenBucket.Rate(capacity: 10_000, perSecond: 10_000) })
    { test in
      let answers = try await RawExchange.bytes(
        String(repeating: RawClient.get("/healthz"), count: 1000), port: test.port)
      let statuses = answers.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
      #expect(statuses.count > 16 && statuses.count <= 1000)
      #expect(statuses.dropLast().allSatisfy { $0 == "200" })
      if statuses.count < 1000 { #expect(statuses.last == "429" && answers.contains("Retry-After: 1")) }
      // Those that read nothing do not take the time of others.
      var clients: [RawClient] = []
      for _ in 0..<20 {
        let client = try await RawClient.connect(test.port, reads: false)
        let requests = String(repeating: RawClient.get("/openapi.json"), count: 5000)
        client.channel.writeAndFlush(ByteBuffer(string: requests), promise: nil)
        clients.append(client)
      }
      for _ in 0..<5 { #expect(try await isServing(test)) }
      for client in clients { await client.close() }
    }
  }

  @Test("bodies that are too long, that never end, or that lie about their length")
  func bodies() async throws {
    try await TestServer.run { test in
      let most = [UInt8](repeating: 0x20, count: 256 << 10)
      let put = try await test.ask("PUT", "/v1/rules/x", [test.bearer(.operator)], body: most)
      #expect(put.status == 200 && test.engine.changes == ["put x \(most.count)"])
      for count in [most.count + 1, 10 << 20] {
        let body = [UInt8](repeating: 0x20, count: count)
        #expect(try await test.ask("PUT", "/v1/rules/x", [test.bearer(.operator)], body: body).status == 413)
      }
      let head =
        "PUT /v1/rules/x HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(test.tokens[.operator] ?? "")\r\n"
      let claimed = try await RawClient.connect(test.port)
      try await claimed.write(head + "Content-Length: 999999999999999999\r\n\r\n")
      #expect(try await claimed.answer()[0].hasPrefix("HTTP/1.1 413 "))
      await claimed.close()
      let endless = try await RawClient.connect(test.port)
      try await endless.write(head + "Transfer-Encoding: chunked\r\n\r\n")
      let chunk = "4000\r\n" + String(repeating: "a", count: 0x4000) + "\r\n"
      for _ in 0..<17 { try await endless.write(chunk) }
      #expect(try await endless.answer()[0].hasPrefix("HTTP/1.1 413 "))
      await endless.close()
      for size in ["ffffffffffffffff", "fffffffffffffffff", "7fffffffffffffff", "-1", "0x4", " 4", "4 ;x"] {
        let liar = try await RawClient.connect(test.port)
        try await liar.write(head + "Transfer-Encoding: chunked\r\n\r\n\(size)\r\nabcd\r\n")
        await liar.close()
      }
      // What is not let in is not read either: the answer is there before the body.
      let nobody = try await RawClient.connect(test.port)
      try await nobody.write("PUT /v1/rules/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
      #expect(try await nobody.answer()[0].hasPrefix("HTTP/1.1 401 "))
      await nobody.close()
      #expect(try await isServing(test))
      #expect(test.engine.changes.count == 1)
    }
  }

  @Test(
    "WebSockets: a body before the first frame, a frame of 1 GiB, frames that do not end, pings without end")
  func sockets() async throws {
    try await TestServer.run { test in
      let shake =
        RawClient.handshake("/v1/stream").dropLast(1)
        + "Authorization: Bearer \(test.tokens[.viewer] ?? "")\r\n"
      let body = try await RawExchange.bytes(shake + "Content-Length: 5\r\n\r\nhello", port: test.port)
      #expect(body.hasPrefix("HTTP/1.1 426 "))
      for (claim, code) in [(UInt64(1) << 30, 1009), (1 << 62, 1009), (.max, 1002)] {
        let client = try await RawClient.connect(test.port)
        try await client.write(shake + "\r\n")
        #expect(try await client.head().contains(" 101 "))
        #expect(try await client.words().contains("hello"))
        try await client.write(ClientFrame(2, [1, 2, 3], lengthBytes: 8, claimed: claim).bytes)
        #expect(try await client.words().hasPrefix("8 \(code) "))
        await client.close()
      }
      var clients: [RawClient] = []
      for number in 0..<10 {
        let client = try await RawClient.connect(test.port, reads: false)
        try await client.write(shake + "\r\n")
        let flood =
          number % 2 == 0
          ? [[UInt8]](repeating: ClientFrame(9, Array(repeating: 0x70, count: 125)).bytes, count: 20_000)
            .flatMap(\.self)
          : ClientFrame(1, [], isFinal: false).bytes
            + [[UInt8]](repeating: ClientFrame(0, [], isFinal: false).bytes, count: 50_000).flatMap(\.self)
        client.channel.writeAndFlush(ByteBuffer(bytes: flood), promise: nil)
        clients.append(client)
      }
      for _ in 0..<5 { #expect(try await isServing(test)) }
      try await test.socket("/v1/stream", as: .operator) { socket in
        _ = try await socket.text()
        try test.engine.emit(100)
        for expected in 1...100 {
          let text = try await socket.text()
          #expect(number("n", in: text ?? "") == Int64(expected))
        }
      }
      for client in clients { await client.close() }
    }
  }

  /// Opens server-sent events and vanishes; the places of others are free a moment after they have gone.
  private func opens(_ test: TestServer) async throws -> Bool {
    for _ in 0..<200 {
      let client = try await RawClient.connect(test.port)
      let token = test.tokens[.viewer] ?? ""
      try await client.write(RawClient.get("/v1/events", "Authorization: Bearer \(token)\r\n"))
      let isOpen = try await client.head().contains(" 200 ")
      await client.close()
      if isOpen { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return false
  }

  @Test("whoever vanishes from a stream is forgotten, and its place is free again")
  func vanished() async throws {
    try await TestServer.run({
      $0.streams.heartbeat = .milliseconds(200)
      $0.mostStreamsOfOneCaller = 20
    }) { test in
      for _ in 0..<3 {
        for _ in 0..<20 { #expect(try await opens(test)) }
        try await eventually { test.server.openConnections == 0 }
      }
      #expect(try await opens(test))
    }
  }

  @Test("connections that say nothing, half a head, or nonsense stand in nobody's way")
  func halfOpen() async throws {
    try await TestServer.run { test in
      var clients: [RawClient] = []
      for number in 0..<300 {
        let client = try await RawClient.connect(test.port)
        if number % 3 == 1 {
          client.channel.writeAndFlush(ByteBuffer(string: "GET /v1/status HT"), promise: nil)
        }
        clients.append(client)
      }
      try await eventually { test.server.openConnections >= 256 }
      #expect(test.server.openConnections == 256)
      #expect(try await isServing(test))
      for client in clients { await client.close() }
      try await eventually { test.server.openConnections == 0 }
      var random = Seeded(state: 7)
      for _ in 0..<200 {
        let noise = (0..<Int.random(in: 1...400, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        let client = try await RawClient.connect(test.port)
        try? await client.write(noise)
        await client.close()
      }
      #expect(try await isServing(test))
      #expect(test.engine.changes.isEmpty)
    }
  }

  /// The same noise each time (splitmix64).
  private struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }
}

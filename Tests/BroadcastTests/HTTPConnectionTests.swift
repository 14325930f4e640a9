import NIOCore
import NIOSSL
import Testing

@testable import Broadcast

@Suite("HTTP connections of the server", .timeLimit(.minutes(1)))
struct HTTPConnectionTests {
  private func ask(_ port: Int, _ request: String) async throws -> String {
    let client = try await RawClient.connect(port)
    // A server that has closed already is shown by its answer.
    try? await client.write(request)
    return await client.toEnd()
  }

  @Test("requests follow each other on one connection, one by one and at once")
  func keepAlive() async throws {
    try await ConnectionServer.run { server in
      let client = try await RawClient.connect(server.port)
      for _ in 0..<3 {
        try await client.write(RawClient.get())
        #expect(try await client.answer() == ["HTTP/1.1 200 OK", "hello"])
      }
      let post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
      try await client.write(post + RawClient.get() + post)
      for body in ["abc", "hello", "abc"] { #expect(try await client.answer()[1] == body) }
      try await client.write(RawClient.get("/", "Connection: close\r\n"))
      let last = await client.toEnd()
      #expect(last.hasPrefix("HTTP/1.1 200 OK"))
      #expect(last.lowercased().contains("connection: close"))
    }
  }

  @Test("a client that closes its side after the request gets its answer")
  func halfClosed() async throws {
    try await ConnectionServer.run { server in
      let client = try await RawClient.connect(server.port)
      try await client.write(RawClient.get())
      try await client.channel.close(mode: .output)
      #expect(await client.toEnd().hasSuffix("hello"))
    }
  }

  @Test("an upgrade that is not accepted is answered like any request, and the connection ends")
  func passedOn() async throws {
    try await ConnectionServer.run { server in
      for request in [
        RawClient.handshake("/"),
        RawClient.handshake("/", version: "13").replacing("WebSocket\r", with: "h2c\r"),
        RawClient.get("/", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAM\r\n"),
        "GET / HTTP/1.0\r\n\r\n",
      ] {
        let answer = try await ask(server.port, request)
        #expect(answer.hasPrefix("HTTP/1.") && answer.contains(" 200 OK"))
        #expect(answer.lowercased().contains("connection: close"))
        #expect(answer.hasSuffix("hello"))
      }
      #expect(try await ask(server.port, RawClient.handshake("/failed")).hasPrefix("HTTP/1.1 404"))
    }
  }

  @Test("a handshake that is not RFC 6455's is refused with what is wrong")
  func wrongHandshakes() async throws {
    try await ConnectionServer.run { server in
      let old = try await ask(server.port, RawClient.handshake(version: "8"))
      #expect(old.hasPrefix("HTTP/1.1 426 Upgrade Required\r\n"))
      #expect(old.contains("\r\nSec-WebSocket-Version: 13\r\n"))
      #expect(old.contains("application/problem+json"))
      for key in [
        "", "abc", "dGhlIHNhbXBsZSBub25jZR==", "dGhlIHNhbXBsZSBub25jZQ=", "!!hlIHNhbXBsZSBub25jZQ==",
      ] {
        #expect(try await ask(server.port, RawClient.handshake(key: key)).hasPrefix("HTTP/1.1 400 "))
      }
      #expect(server.peers.isEmpty)
    }
  }

  @Test("a decision that comes too late ends in 503")
  func undecided() async throws {
    var limits = RequestLimits()
    limits.decisionTime = .milliseconds(50)
    try await ConnectionServer.run(limits: limits) { server in
      let answer = try await ask(server.port, RawClient.handshake("/late"))
      #expect(answer.hasPrefix("HTTP/1.1 503 "))
      #expect(server.peers.isEmpty)
    }
  }

  @Test("what is not HTTP is answered with 400, behind the answers before it")
  func notHTTP() async throws {
    try await ConnectionServer.run { server in
      #expect(
        try await ask(server.port, "\u{16}\u{3}\u{1}nonsense\r\n\r\n").hasPrefix(
          "HTTP/1.1 400 Bad Request\r\n"))
      #expect(try await ask(server.port, "GET / HTTP/3.0\r\n\r\n").hasPrefix("HTTP/1.1 505 "))
      let both = try await ask(server.port, RawClient.get() + "nonsense\r\n\r\n")
      #expect(both.hasPrefix("HTTP/1.1 200 OK"))
      #expect(both.contains("helloHTTP/1.1 400 Bad Request"))
      let smuggled = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
      #expect(try await ask(server.port, smuggled).hasPrefix("HTTP/1.1 400 "))
    }
  }

  @Test("a head of 10 MB is refused with 431 after the first 32 KiB, and the client can read that")
  func largeHead() async throws {
    try await ConnectionServer.run { server in
      for start in [RawClient.get().dropLast(2) + "X-Large: ", "GET /"] {
        let client = try await RawClient.connect(server.port)
        try await client.write(String(start))
        client.channel.writeAndFlush(
          ByteBuffer(repeating: UInt8(ascii: "a"), count: 10 << 20), promise: nil)
        let answer = await client.toEnd()
        #expect(answer.hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"))
        #expect(answer.contains("\"status\":431"))
      }
      let many = String(repeating: "a: b\r\n", count: 100_000)
      #expect(try await ask(server.port, RawClient.get("/", many)).hasPrefix("HTTP/1.1 431 "))
    }
  }

  @Test("slow heads and bodies are answered with 408, a silent connection with nothing")
  func slow() async throws {
    var limits = RequestLimits()
    limits.headTime = .milliseconds(400)
    limits.bodyTime = .milliseconds(400)
    limits.idleTime = .milliseconds(400)
    try await ConnectionServer.run(limits: limits) { server in
      // On a busy machine a request may be too late as a whole.
      var head = ""
      for _ in 0..<20 where head.isEmpty { head = try await ask(server.port, "GET / HTTP/1.1\r\nX: ") }
      #expect(head.hasPrefix("HTTP/1.1 408 "))
      #expect(try await ask(server.port, "") == "")
      #expect(try await ask(server.port, RawClient.get()).hasSuffix("hello"))
      let body = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"
      #expect(try await ask(server.port, body).hasPrefix("HTTP/1.1 408 "))
      // An answer may take as long as it likes.
      #expect(try await ask(server.port, RawClient.get("/stream")).contains("5\r\n0\r\n"))
    }
  }

  @Test("over the cap a connection is refused, until another one ends")
  func cap() async throws {
    try await ConnectionServer.run(maximumEach: 2) { server in
      let first = try await RawClient.connect(server.port)
      let second = try await RawClient.connect(server.port)
      try await eventually { server.connections.total == 2 }
      #expect(try await ask(server.port, RawClient.get()).hasPrefix("HTTP/1.1 429 Too Many Requests\r\n"))
      #expect(server.connections.total == 2)
      await first.close()
      try await eventually { server.connections.total == 1 }
      let third = try await RawClient.connect(server.port)
      try await third.write(RawClient.get())
      #expect(try await third.answer()[1] == "hello")
      await second.close()
      await third.close()
    }
  }

  @Test(
    "all of it works over TLS, and a handshake that does not come has its limit",
    .enabled(if: Certificates.canBeMade))
  func tls() async throws {
    let certificates = try await Certificates.shared.value
    var limits = RequestLimits()
    limits.headTime = .seconds(1)
    try await ConnectionServer.run(limits: limits, maximumEach: 2, tls: certificates.configuration) {
      server in
      #expect(try await ask(server.port, "") == "")
      let client = try await RawClient.connect(server.port, tls: certificates.client)
      try await client.write(RawClient.get())
      #expect(try await client.answer()[1] == "hello")
      try await client.write(Array(RawClient.handshake().utf8) + ClientFrame.text("early"))
      #expect(try await client.head().contains(" 101 "))
      #expect(try await client.words() == "1 early")
      try await client.write(ClientFrame.close(1000))
      #expect(try await client.words() == "8 1000 ")
      #expect(await client.toEnd() == "")
    }
  }
}

import Net
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WebSocketHandshakeTests {
  /// An answer other than a WebSocket, and what the user reads after the url.
  struct Case: Sendable, CustomTestStringConvertible {
    let answer: String
    let code: WebSocketError.Code
    let text: String
    var testDescription: String { text }
  }

  static let cases = [
    Case(
      answer:
        "HTTP/1.1 401 Unauthorized\r\nContent-Length: 38\r\n\r\n{\"error\":\n \"no such key: KEY-0123abc\"}",
      code: .handshake(status: 401),
      text: "the server answered 401 Unauthorized: {\"error\": \"no such key: …\"}; check the key"),
    Case(
      answer:
        "HTTP/1.1 499 Bearer-Token-9 is bad\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nno \u{1}\r\n3;x=y\r\nway\r\n0\r\n\r\n",
      code: .handshake(status: 499), text: "the server answered 499 … is bad: no way; check the url"),
    Case(
      answer: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", code: .handshake(status: 404),
      text: "the server answered 404 Not Found; check the url"),
    Case(
      answer: "HTTP/1.0 503 Service Unavailable\r\n\r\nlater", code: .handshake(status: 503),
      text: "the server answered 503 Service Unavailable: later; try again later"),
    Case(
      answer: "HTTP/1.1 302 Found\r\nLocation: /KEY-0123abc\r\n\r\n", code: .handshake(status: 302),
      text: "the server answered 302 Found, a redirect; use the new url"),
    Case(
      answer: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>Welcome</h1>", code: .notWebSocket,
      text: "answered with a web page, not a WebSocket: check the url"),
    Case(
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n  <!DOCTYPE HTML><p>", code: .notWebSocket,
      text: "answered with a web page, not a WebSocket: check the url"),
    Case(
      answer: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", code: .notWebSocket,
      text: "the server answered 200 OK, not a WebSocket: {}; check the url"),
    Case(
      answer: "SSH-2.0-OpenSSH_9.2\r\n", code: .notWebSocket,
      text: "the server does not speak HTTP, so no WebSocket either; check host and port"),
    Case(
      answer: "HTTP/1.1 abc\r\n\r\n", code: .notWebSocket,
      text: "the server does not speak HTTP, so no WebSocket either; check host and port"),
    Case(
      answer: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
      code: .notWebSocket, text: "the server's answer to the WebSocket handshake is wrong; check the url"),
    Case(
      answer: "HTTP/1.1 10", code: .closed,
      text: "the server closed the connection before it answered the WebSocket handshake; check the url"),
  ]

  @Test("an answer that is no WebSocket is told in one line without secrets", arguments: cases)
  func refusal(wrong: Case) async throws {
    try await withServer { peer in
      _ = try await peer.request()
      try await peer.write(wrong.answer)
    } _: { port in
      var target = try endpoint(port, path: "/v1/KEY-0123abc?x=1")
      target.headers = [("Authorization", "Bearer Bearer-Token-9")]
      let error = await failure(target)
      #expect(error?.code == wrong.code)
      #expect(error?.description == "ws://127.0.0.1:\(port)/…: \(wrong.text)")
    }
  }

  @Test("a long answer is cut, and a secret at the cut stays hidden")
  func longAnswer() async throws {
    try await withServer { peer in
      _ = try await peer.request()
      let body = String(repeating: "a", count: 190) + String(repeating: "secret-key-secret-key ", count: 80)
      try await peer.write("HTTP/1.1 400 No\r\n\r\n" + body)
      try await peer.drain()
    } _: { port in
      let error = await failure(try endpoint(port, path: "/secret-key-secret-key"))
      #expect(error?.code == .handshake(status: 400))
      #expect(error?.description.contains("secret") == false)
      #expect((error?.description.count ?? 0) < 300)
    }
  }

  @Test("the request has what the server needs, and forerunners of the answer are passed over")
  func request() async throws {
    let seen = Mutex("")
    try await withServer { peer in
      try await peer.write("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n")
      let request = try await peer.accept()
      seen.withLock { $0 = request }
      _ = try await peer.closeCode()
    } _: { port in
      var target = try endpoint(port, host: "u%40x:p:w@127.0.0.1", path: "?token=1#top")
      target.headers = [("x-dome-sdk", "py/1.0.0"), ("Origin", "https://example.com")]
      #expect(target.display == "ws://127.0.0.1:\(port)/…")
      let error = await failure(target)
      #expect(error == nil)
      let lines = seen.withLock { $0 }.split(separator: "\r\n").map(String.init)
      #expect(lines.first == "GET /?token=1 HTTP/1.1")
      #expect(
        Set(lines).isSuperset(of: [
          "Host: 127.0.0.1:\(port)", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
          "Authorization: Basic dUB4OnA6dw==", "x-dome-sdk: py/1.0.0", "Origin: https://example.com",
        ]))
    }
  }

  @Test("a refused port and an unknown host are told apart")
  func refused() async throws {
    let closed = ClosedPort()
    defer { closed.close() }
    let port = closed.number
    let refused = await failure(try endpoint(port, path: "/secret"))
    #expect(refused?.code == .refused)
    #expect(
      refused?.description == "ws://127.0.0.1:\(port)/…: 127.0.0.1:\(port) refuses the connection; "
        + "check the port and that it runs")
    let unknown = await failure(try endpoint(80, host: "no-such-host.invalid"))
    #expect(unknown?.code == .cannotResolve)
    #expect(
      unknown?.description == "ws://no-such-host.invalid/…: no-such-host.invalid:80: the host's name has no "
        + "address; check the name and the DNS")
  }

  @Test("time-outs say what did not come: a connection, TLS, or the handshake")
  func timeouts() async throws {
    try await withServer {
      try await $0.drain()
    } _: { port in
      var target = try endpoint(port)
      target.handshakeTimeout = .milliseconds(50)
      let handshake = await failure(target)
      #expect(handshake?.code == .timedOut)
      #expect(handshake?.description.contains("did not answer the WebSocket handshake within 50 ms") == true)
      var secure = try endpoint(port, scheme: "wss")
      secure.connectTimeout = .milliseconds(500)
      let tls = await failure(secure)
      #expect(tls?.code == .timedOut)
      #expect(
        tls?.description.contains("did not agree on TLS within 500 ms, the limit for connecting") == true)
    }
    let full = ClosedPort(isFull: true)
    defer { full.close() }
    var target = try endpoint(full.number)
    target.connectTimeout = .milliseconds(50)
    let connect = await failure(target)
    #expect(connect?.code == .timedOut)
    #expect(connect?.description.contains("did not accept a connection within 50 ms") == true)
  }

  @Test("a header that would break the request is refused, without its value")
  func badHeader() async throws {
    var target = try endpoint(1)
    target.headers = [("X-Key", "secret\r\nEvil: 1")]
    let value = await failure(target)
    #expect(value?.code == .badHeader && value?.description.contains("secret") == false)
    target.headers = [("X Key", "1")]
    #expect(await failure(target)?.code == .badHeader)
  }

  @Test("a task that is cancelled while the server is silent gives up at once")
  func cancellation() async throws {
    let (asked, ask) = AsyncStream.makeStream(of: Void.self)
    try await withServer { peer in
      _ = try await peer.request()
      ask.finish()
      try await peer.drain()
    } _: { port in
      let target = try endpoint(port)
      let task = Task { await failure(target) }
      for await _ in asked {}
      task.cancel()
      #expect(await task.value?.code == .cancelled)
    }
  }
}

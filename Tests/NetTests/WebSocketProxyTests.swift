import Net
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct WebSocketProxyTests {
  @Test("a proxy is asked for a tunnel, with its user, and not for the path")
  func tunnel() async throws {
    let seen = Mutex("")
    try await withServer { peer in
      let request = try await peer.request()
      seen.withLock { $0 = request }
      try await peer.write("HTTP/1.1 200 Connection established\r\n\r\n")
      try await peer.accept(then: textFrame("through"))
      if let code = try await peer.closeCode() { try await peer.write(closeFrame(code)) }
    } _: { port in
      var target = try WebSocketEndpoint(url: "ws://feed.example/secret")
      target.proxy = ProxySettings(environment: ["http_proxy": "http://me:pw@127.0.0.1:\(port)/"])
      let message = try await WebSocketClient.connect(target) { text(try await $0.next()) }
      #expect(message == "through")
    }
    let lines = seen.withLock { $0 }.split(separator: "\r\n")
    #expect(
      lines == [
        "CONNECT feed.example:80 HTTP/1.1", "Host: feed.example:80", "Proxy-Authorization: Basic bWU6cHc=",
      ])
  }

  @Test(
    "a proxy that refuses, closes or speaks something else is named with what to do",
    arguments: [
      ("HTTP/1.1 407 Proxy pw-secret\r\n\r\n", "answered 407; check its user and password"),
      ("HTTP/1.1 403 No\r\n\r\n", "answered 403; check its rules"),
      ("hello\r\n", "does not speak HTTP; check that it is an HTTP proxy"),
      ("", "closed the connection; check that it is an HTTP proxy"),
    ])
  func refused(answer: String, text: String) async throws {
    try await withServer { peer in
      _ = try await peer.request()
      try await peer.write(answer)
    } _: { port in
      var target = try WebSocketEndpoint(url: "wss://feed.example/secret")
      target.proxy = ProxySettings(environment: ["https_proxy": "me:pw-secret@127.0.0.1:\(port)"])
      let error = await failure(target)
      #expect(error?.code == .proxy)
      #expect(error?.description == "wss://feed.example/…: the proxy 127.0.0.1:\(port) \(text)")
    }
  }

  @Test("a proxy that is not there is told from a feed that is not there")
  func unreachable() async throws {
    let closed = ClosedPort()
    defer { closed.close() }
    let port = closed.number
    var target = try WebSocketEndpoint(url: "ws://feed.example/")
    target.proxy = ProxySettings(environment: ["http_proxy": "127.0.0.1:\(port)"])
    let error = await failure(target)
    #expect(error?.code == .proxy)
    #expect(error?.description.contains("the proxy 127.0.0.1:\(port) refuses the connection") == true)
  }
}

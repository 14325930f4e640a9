import Net
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPPostTests {
  private func failure(_ client: HTTPClient, _ request: HTTPRequest) async -> HTTPError? {
    do throws(HTTPError) {
      _ = try await client.send(request)
      return nil
    } catch {
      return error
    }
  }

  @Test("a body is posted as it is, whatever its size, without asking first", arguments: [0, 5, 3_000_000])
  func post(size: Int) async throws {
    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
    let seen = Mutex((head: "", body: [UInt8]()))
    try await withServer { peer in
      let head = try await peer.request()
      let sent = try await peer.body(size)
      seen.withLock { $0 = (head, sent) }
      try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    } _: { port in
      var request = HTTPRequest(
        url: "http://127.0.0.1:\(port)/hook?a=b", headers: [("Content-Type", "application/json")])
      request.body = body
      let response = try await HTTPClient().send(request)
      #expect(response.status == 200 && response.body == Array("ok".utf8))
    }
    let (head, sent) = seen.withLock { $0 }
    let lines = head.split(separator: "\r\n").map(String.init)
    #expect(lines.first == "POST /hook?a=b HTTP/1.1")
    #expect(lines.contains("Content-Length: \(size)"))
    #expect(lines.filter { $0.hasPrefix("Content-Type:") } == ["Content-Type: application/json"])
    #expect(!lines.contains { $0.hasPrefix("Expect") })
    #expect(sent == body)
  }

  @Test(
    "a client for public addresses connects to no other, however it is written",
    arguments: [
      ("127.0.0.1", "127.0.0.1"), ("localhost", nil), ("127.1", "127.0.0.1"), ("0x7f000001", "127.0.0.1"),
      ("2130706433", "127.0.0.1"), ("017700000001", "127.0.0.1"), ("0", "0.0.0.0"), ("[::1]", "::1"),
      ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"), ("[::ffff:7f00:1]", "::ffff:127.0.0.1"),
      ("169.254.169.254", "169.254.169.254"), ("10.1.2.3", "10.1.2.3"), ("[fe80::1]", "fe80::1"),
      ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1"),
    ] as [(String, String?)])
  func privateAddresses(host: String, address: String?) async throws {
    let connections = Mutex(0)
    try await withServer { peer in
      connections.withLock { $0 += 1 }
      try await peer.drain()
    } _: { port in
      let client = HTTPClient(addresses: .publicOnly)
      var request = HTTPRequest(url: "http://\(host):\(port)/SECRET?token=SECRET", timeout: .seconds(5))
      request.body = []
      request.hidesPath = true
      let error = await failure(client, request)
      #expect(error?.code == .notPublic)
      #expect(error?.url == "http://\(host):\(port)")
      let text = error?.description ?? ""
      if let address { #expect(text.contains("the address \(address) is not public")) }
      #expect(!text.contains("SECRET"))
    }
    #expect(connections.withLock { $0 } == 0)
  }

  @Test("a client for any address connects there, and one for public addresses does not use its connection")
  func pools() async throws {
    try await withServer { peer in
      while true {
        _ = try await peer.request()
        try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      }
    } _: { port in
      let request = HTTPRequest(url: "http://127.0.0.1:\(port)/")
      let response = try await HTTPClient().send(request)
      #expect(response.status == 200)
      #expect(await failure(HTTPClient(addresses: .publicOnly), request)?.code == .notPublic)
    }
  }

  @Test("a redirect to a private address is not followed", arguments: [301, 302, 303, 307, 308])
  func redirect(status: Int) async throws {
    let visits = Mutex(0)
    try await withServer { peer in
      visits.withLock { $0 += 1 }
      try await peer.drain()
    } _: { inner in
      try await withServer { peer in
        _ = try await peer.request()
        try await peer.write(
          "HTTP/1.1 \(status) X\r\nLocation: http://127.0.0.1:\(inner)/x?k=SECRET\r\nContent-Length: 0\r\n\r\n"
        )
      } _: { port in
        var request = HTTPRequest(url: "http://127.0.0.1:\(port)/SECRET")
        request.body = Array("{}".utf8)
        request.hidesPath = true
        let error = await failure(HTTPClient(), request)
        #expect(error?.code == .redirected)
        #expect(error?.description.contains("SECRET") == false)
      }
    }
    #expect(visits.withLock { $0 } == 0)
  }

  @Test("errors name scheme, host and port alone when the path is a secret")
  func hiddenPath() async throws {
    let table = [
      ("https://u:p@h.example:8/a/b?c#d", "https://h.example:8"), ("http://h?x", "http://h"),
      ("http://h\\SECRET", "http://h"), ("nonsense/SECRET", "…"),
    ]
    for (url, shown) in table { #expect(SafeURL(originOf: url).text == shown) }
    var request = HTTPRequest(url: "http://no-such-host.invalid/SECRET?SECRET")
    request.hidesPath = true
    let error = await failure(HTTPClient(), request)
    #expect(error?.code == .cannotResolve && error?.url == "http://no-such-host.invalid")
  }

  @Test("an answer over the limit is an error, though the rest is never read")
  func tooBig() async throws {
    try await withServer { peer in
      _ = try await peer.request()
      try await peer.write("HTTP/1.1 200 OK\r\n\r\n")
      while true { try await peer.write([UInt8](repeating: 65, count: 65_536)) }
    } _: { port in
      var request = HTTPRequest(url: "http://127.0.0.1:\(port)/", maximumBytes: 65_536)
      request.body = []
      #expect(await failure(HTTPClient(), request)?.code == .tooBig)
    }
  }
}

import TestSupport
import CZlib
import Net
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPClientTests {
  private func url(_ port: Int, _ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// Gets one answer of a server that always gives this one and closes.
  private func get(
    _ answer: [UInt8], change: (inout HTTPRequest) -> Void = { _ in }
  ) async throws -> Result<HTTPResponse, HTTPError> {
    try await withServer { peer in
      _ = try await peer.request()
      try await peer.write(answer)
    } _: { port in
      var request = HTTPRequest(url: url(port, "/trades?api_key=SECRET&limit=5"))
      change(&request)
      return await result(HTTPClient(), request)
    }
  }

  private func result(_ client: HTTPClient, _ request: HTTPRequest) async -> Result<HTTPResponse, HTTPError> {
    do throws(HTTPError) {
      return .success(try await client.get(request))
    } catch {
      return .failure(error)
    }
  }

  private func answer(_ status: String, _ headers: String = "", _ body: [UInt8] = []) -> [UInt8] {
    Array("HTTP/1.1 \(status)\r\nContent-Length: \(body.count)\r\n\(headers)\r\n".utf8) + body
  }

  private func error(_ result: Result<HTTPResponse, HTTPError>) -> HTTPError? {
    if case .failure(let error) = result { error } else { nil }
  }

  @Test("every status but a redirect is an answer", arguments: [200, 204, 304, 400, 404, 429, 500])
  func statuses(status: Int) async throws {
    let body = status == 204 || status == 304 ? "" : "text of \(status)"
    let response = try await get(
      answer("\(status) X", "Content-Type: text/plain; charset=utf-8\r\n", Array(body.utf8))
    ).get()
    #expect(response.status == status && response.body == Array(body.utf8))
    #expect(response.contentType == "text/plain; charset=utf-8" && response.retryAfter == nil)
  }

  @Test("a packed body is unpacked, and the limit is for the unpacked one")
  func gzipBody() async throws {
    let body = [UInt8](repeating: 7, count: 1_000_000)
    let packed = answer("200 OK", "Content-Encoding: gzip\r\n", gzip(body))
    #expect(try await get(packed).get().body == body)
    #expect(try await get(packed) { $0.maximumBytes = 1_000_000 }.get().body.count == 1_000_000)
    let tooBig = error(try await get(packed) { $0.maximumBytes = 999_999 })
    #expect(tooBig?.code == .tooBig)
    #expect(
      tooBig?.description.hasSuffix("the answer is longer than 999999 bytes, the limit; raise it") == true)
    #expect(tooBig?.url.hasSuffix("/trades?api_key=…&limit=5") == true)
  }

  @Test("headers are sent, packed answers are asked for")
  func request() async throws {
    let seen = Mutex("")
    try await withServer { peer in
      let request = try await peer.request()
      seen.withLock { $0 = request }
      try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    } _: { port in
      let headers = [("Authorization", "Bearer KEY"), ("X-Empty", "")]
      _ = try await HTTPClient().get(HTTPRequest(url: url(port, "/a?b=c"), headers: headers))
    }
    let lines = seen.withLock { $0 }.split(separator: "\r\n").map(String.init)
    #expect(lines.first == "GET /a?b=c HTTP/1.1")
    #expect(lines.contains("Authorization: Bearer KEY") && lines.contains("X-Empty:"))
    #expect(lines.contains { $0.hasPrefix("Accept-Encoding:") && $0.contains("gzip") })
  }

  @Test("a redirect is refused, and only its host is named", arguments: ["301 Moved", "307 Again"])
  func redirect(status: String) async throws {
    let failure = error(try await get(answer(status, "Location: https://other.example/x?key=SECRET\r\n")))
    #expect(failure?.code == .redirected)
    #expect(
      failure?.description.hasSuffix(
        "answered \(status.prefix(3)), a redirect to other.example; use the new url")
        == true)
    #expect(failure?.description.contains("SECRET") == false)
  }

  @Test("how long to wait comes in seconds or as a date")
  func retryAfter() async throws {
    let seconds = try await get(answer("429 Slow", "Retry-After: 120\r\n")).get()
    #expect(seconds.retryAfter == .seconds(120))
    let past = try await get(answer("503 Down", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n")).get()
    #expect(past.retryAfter == nil)
    let future = try await get(answer("503 Down", "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n")).get()
    #expect(try #require(future.retryAfter) > .seconds(86_400 * 365))
    #expect(try await get(answer("503 Down", "Retry-After: soon\r\n")).get().retryAfter == nil)
  }

  @Test("a silent server, a refused port and an unknown host are told apart")
  func unreachable() async throws {
    let client = HTTPClient()
    try await withServer {
      try await $0.drain()
    } _: { port in
      let request = HTTPRequest(url: url(port), timeout: .milliseconds(500))
      let silent = error(await result(client, request))
      #expect(silent?.code == .timedOut)
      #expect(silent?.description == "\(url(port)): no whole answer within 500 ms; try again later")
    }
    let closed = ClosedPort()
    defer { closed.close() }
    let port = closed.number
    let refused = error(await result(client, HTTPRequest(url: "http://me:pw@127.0.0.1:\(port)/")))
    #expect(refused?.code == .refused)
    #expect(
      refused?.description
        == "http://…@127.0.0.1:\(port)/: the host refuses the connection; check the port and that it runs")
    let unknown = error(await result(client, HTTPRequest(url: "http://no-such-host.invalid/")))
    #expect(unknown?.code == .cannotResolve)
  }

  @Test("what is no answer, no url or no header is an error with a reason")
  func garbage() async throws {
    #expect(error(try await get(Array("SSH-2.0\r\n\r\n".utf8)))?.code == .badResponse)
    #expect(error(try await get([]))?.code == .badResponse)
    let cut = Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".utf8)
    #expect(error(try await get(cut))?.code == .badResponse)
    let client = HTTPClient()
    for bad in ["ftp://127.0.0.1/", "file:///etc/passwd", "http://", "http://a b/", ""] {
      #expect(error(await result(client, HTTPRequest(url: bad)))?.code == .badURL, "\(bad)")
    }
    let header = HTTPRequest(url: "http://127.0.0.1/", headers: [("A", "b\r\nC: d")])
    #expect(error(await result(client, header))?.code == .badHeader)
  }

  @Test("a hundred requests at a time share at most eight connections")
  func many() async throws {
    let open = Mutex((now: 0, most: 0))
    try await withServer { peer in
      open.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      defer { open.withLock { $0.now -= 1 } }
      while true {
        let path = try await peer.request().split(separator: " ")[1]
        try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
      }
    } _: { port in
      let client = HTTPClient()
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for number in 0..<100 {
          let request = HTTPRequest(url: url(port, "/\(number)"))
          group.addTask { try await client.get(request).body == Array("/\(number)".utf8) }
        }
        for try await isRight in group { #expect(isRight) }
      }
    }
    #expect((1...8).contains(open.withLock { $0.most }))
  }

  @Test("cancelling the task aborts the transfer; shutting down fails the rest and what comes later")
  func givingUp() async throws {
    let (events, event) = AsyncStream.makeStream(of: String.self)
    try await withServer { peer in
      _ = try await peer.request()
      event.yield("asked")
      try await peer.drain()
      event.yield("gone")
    } _: { port in
      var seen = events.makeAsyncIterator()
      let client = HTTPClient()
      let request = HTTPRequest(url: url(port))
      let cancelled = Task { await result(client, request) }
      #expect(await seen.next() == "asked")
      cancelled.cancel()
      #expect(error(await cancelled.value)?.code == .cancelled)
      #expect(await seen.next() == "gone")
      let pending = Task { await result(client, request) }
      #expect(await seen.next() == "asked")
      client.shutdown()
      client.shutdown()
      #expect(error(await pending.value)?.code == .shutDown)
      #expect(error(await result(client, request))?.code == .shutDown)
    }
  }

  @Test("more requests than the limit are refused, not queued")
  func busy() async throws {
    try await withServer {
      try await $0.drain()
    } _: { port in
      let client = HTTPClient()
      let request = HTTPRequest(url: url(port))
      let codes = await withTaskGroup(of: HTTPError.Code?.self) { group in
        for _ in 0..<1025 { group.addTask { error(await result(client, request))?.code } }
        let first = await group.next() ?? nil
        client.shutdown()
        var codes = [first]
        for await code in group { codes.append(code) }
        return codes
      }
      #expect(codes.first == .busy)
      #expect(codes.filter { $0 == .busy }.count == 1 && codes.filter { $0 == .shutDown }.count == 1024)
    }
  }
}

@Suite(
  .enabled(if: Certificates.canBeMade, "openssl is not installed"), .timeLimit(.minutes(1)))
struct HTTPClientTLSTests {
  @Test("certificates are checked; an own root is accepted", arguments: ["localhost", "127.0.0.1"])
  func certificates(host: String) async throws {
    let certificates = try await Certificates.shared.value
    try await withServer(tls: try certificates.server()) { peer in
      _ = try await peer.request()
      try await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    } _: { port in
      let client = HTTPClient()
      var request = HTTPRequest(url: "https://\(host):\(port)/")
      do throws(HTTPError) {
        _ = try await client.get(request)
        Issue.record("an unknown root was accepted")
      } catch {
        #expect(error.code == .certificate)
      }
      request.certificateFile = "/nonexistent.pem"
      do throws(HTTPError) {
        _ = try await client.get(request)
        Issue.record("a missing file was accepted")
      } catch {
        #expect(error.code == .certificate && error.description.contains("/nonexistent.pem holds no"))
      }
      request.certificateFile = certificates.rootFile
      let body = try await client.get(request).body
      #expect(body == Array("ok".utf8))
    }
  }
}

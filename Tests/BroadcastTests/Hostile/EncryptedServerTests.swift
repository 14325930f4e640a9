import Broadcast
import NIOCore
import Net
import Testing

@Suite("A server with a certificate", .timeLimit(.minutes(1)), .enabled(if: Certificates.canBeMade))
struct EncryptedServerTests {
  @Test("serves https and wss with the same rules, and nothing without TLS")
  func all() async throws {
    let files = try await Certificates.shared.value
    try await TestServer.run({ $0.certificate = (files.chainFile, files.keyFile) }) { test in
      let base = "localhost:\(test.port)"
      let token = ("Authorization", "Bearer \(test.tokens[.viewer] ?? "")")
      func get(_ path: String, _ headers: [(String, String)] = []) async throws -> HTTPResponse {
        try await test.client.get(
          HTTPRequest(
            url: "https://\(base)\(path)", headers: headers.map { (name: $0.0, value: $0.1) },
            certificateFile: files.chainFile))
      }
      let answer = try await get("/v1/status", [token])
      #expect(answer.status == 200)
      #expect(try await get("/v1/status").status == 401)
      #expect(try await get("/v1/status", [token, ("Origin", "https://\(base)")]).status == 200)
      // The same name without TLS is another origin.
      #expect(try await get("/v1/status", [token, ("Origin", "http://\(base)")]).status == 403)
      #expect(try await get("/v1/status", [token, ("Host", "evil.example")]).status == 421)

      var endpoint = try WebSocketEndpoint(url: "wss://\(base)/v1/stream")
      endpoint.certificateFile = files.chainFile
      endpoint.headers = [(name: token.0, value: token.1)]
      try await WebSocketClient.connect(endpoint) { socket in
        #expect(try await socket.text() == #"{"type":"hello","n":0}"#)
        try test.engine.emit(3)
        for expected in 1...3 {
          let text = try await socket.text()
          #expect(number("n", in: text ?? "") == Int64(expected))
        }
      }
      endpoint.headers = []
      await #expect(throws: WebSocketError.self) {
        try await WebSocketClient.connect(endpoint) { _ = try await $0.text() }
      }

      let client = try await RawClient.connect(test.port, tls: files.client)
      try await client.write(RawClient.get("/v1/status", "\(token.0): \(token.1)\r\nConnection: close\r\n"))
      let text = await client.toEnd()
      #expect(
        text.contains("strict-transport-security: max-age=31536000") || text.contains("Strict-Transport"))
      let plain = try await RawExchange.bytes(RawClient.get("/healthz"), port: test.port)
      #expect(!plain.hasPrefix("HTTP/"))
    }
  }

  @Test("does not begin with files that are no certificate, and says which")
  func wrongFiles() async throws {
    let files = try await Certificates.shared.value
    for (chain, key) in [
      ("/none.pem", files.keyFile), (files.chainFile, "/none.pem"), (files.keyFile, files.keyFile),
    ] {
      await #expect {
        try await TestServer.run({ $0.certificate = (chain, key) }) { _ in }
      } throws: { error in
        guard let failure = error as? BroadcastFailure else { return false }
        return failure.code == .certificate && failure.description.contains(chain)
      }
    }
  }
}

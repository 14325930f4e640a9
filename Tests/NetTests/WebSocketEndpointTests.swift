import Testing

@testable import Net

@Suite struct WebSocketEndpointTests {
  @Test(
    "what is shown of a url has neither user nor path",
    arguments: [
      ("wss://ws.example/KEY", "wss://ws.example/…"),
      ("WS://ws.example:8080?k=KEY", "ws://ws.example:8080/…"),
      ("wss://u:KEY@ws.example:443/", "wss://ws.example"), ("ws://[::1]:80/#KEY", "ws://[::1]"),
      ("ws://u@KEY:p@h.example:1/", "ws://h.example:1"),
    ])
  func display(url: String, shown: String) throws {
    let endpoint = try WebSocketEndpoint(url: url)
    #expect(endpoint.display == shown)
  }

  @Test(
    "a url that is none of a WebSocket is refused without being repeated",
    arguments: [
      "", "KEY", "http://h.example/KEY", "ws:/h.example/KEY", "wss://", "wss:///KEY", "ws://h.example:0/KEY",
      "ws://h.example:65536/KEY", "ws://h.example:+1/KEY", "ws://h.example:KEY/", "ws://h example/KEY",
      "ws://h.example/KEY\r\n", "ws://[::1/KEY", "ws://[KEY]/", "ws://é.example/KEY", "ws://a:b:c/KEY",
    ])
  func badURL(url: String) {
    #expect {
      _ = try WebSocketEndpoint(url: url)
    } throws: { error in
      (error as? WebSocketError)?.code == .badURL && !"\(error)".contains("KEY")
    }
  }

  @Test("a path, its pieces and what they decode to are hidden, whatever their case; short words are not")
  func redaction() throws {
    var endpoint = try WebSocketEndpoint(url: "wss://me:pass%21word@h.example/v1/Key%2Dabc?t=token77&n=1")
    endpoint.headers = [("Authorization", "Bearer hdr-key-9")]
    let said =
      "v1 n=1 KEY%2DABC key-abc token77 pass!word Hdr-Key-9 /v1/Key%2Dabc?t=token77&n=1 \u{1B}[1m\n ok"
    #expect(endpoint.redactor.line(Array(said.utf8), limit: 200) == "v1 n=1 … … … … … … [1m ok")
    #expect(endpoint.redactor.line(Array("öö abc".utf8), limit: 4) == "öö a…")
    #expect(endpoint.redactor.line([0x61, 0xFF, 0xE2, 0x80, 0xAE, 0x62], limit: 9) == "a b")
  }

  @Test(
    "what is shown of an HTTP url has no user and no values of key-like parameters",
    arguments: [
      (
        "https://u:KEY@h.example/a?limit=5&api_key=KEY&Access-Token=KEY#KEY",
        "https://…@h.example/a?limit=5&api_key=…&Access-Token=…"
      ),
      ("https://h.example/a?s%69gnature=KEY&=KEYLESS", "https://h.example/a?s%69gnature=…&=KEYLESS"),
      ("https://h.example?0123456789abcdef", "https://h.example?…"), ("h.example/a@b", "h.example/a@b"),
    ])
  func safeURL(url: String, shown: String) {
    #expect(SafeURL(url).text == shown)
  }
}

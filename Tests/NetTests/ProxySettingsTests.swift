import Net
import Testing

@Suite struct ProxySettingsTests {
  private func proxy(
    _ environment: [String: String], _ host: String = "feed.example.com", port: Int = 443,
    isSecure: Bool = true
  ) throws -> String? {
    let settings = ProxySettings(environment: environment)
    return try settings.proxy(forHost: host, port: port, isSecure: isSecure).map {
      "\($0.host):\($0.port) \($0.authorization ?? "-")"
    }
  }

  @Test("the variable fits the scheme, and HTTP_PROXY in capitals is not trusted")
  func variables() throws {
    #expect(try proxy([:]) == nil)
    #expect(try proxy(["https_proxy": "http://p:1"]) == "p:1 -")
    #expect(try proxy(["HTTPS_PROXY": "p:1"]) == "p:1 -")
    #expect(try proxy(["https_proxy": "", "HTTPS_PROXY": "p:1"]) == "p:1 -")
    #expect(try proxy(["https_proxy": "p:1"], isSecure: false) == nil)
    #expect(try proxy(["http_proxy": "p:1"], isSecure: false) == "p:1 -")
    #expect(try proxy(["HTTP_PROXY": "p:1"], isSecure: false) == nil)
    #expect(try proxy(["ALL_PROXY": "p:1", "http_proxy": "q:2"]) == "p:1 -")
    #expect(try proxy(["all_proxy": "p:1"], isSecure: false) == "p:1 -")
  }

  @Test("the address may have a user, IPv6 and a path")
  func addresses() throws {
    #expect(try proxy(["https_proxy": "http://a%40b:c@[::1]:3128/"]) == "::1:3128 Basic YUBiOmM=")
    #expect(try proxy(["https_proxy": "HTTP://p"]) == "p:1080 -")
    #expect(try proxy(["https_proxy": "me@p:8"]) == "p:8 Basic bWU6")
  }

  @Test(
    "a proxy of another kind is an error, not a way around it",
    arguments: [
      "socks5://p:1", "https://p:1", "http://p:99999", "http://", "http://p:x",
    ])
  func wrong(value: String) {
    #expect {
      _ = try proxy(["https_proxy": value])
    } throws: { error in
      (error as? WebSocketError)?.code == .proxy && "\(error)".contains("set https_proxy to http://host:port")
    }
  }

  @Test(
    "no_proxy names hosts, all below them, ports, or everything",
    arguments: [
      ("feed.example.com", true), ("example.com", true), (".example.com", true), ("*.example.com", true),
      ("EXAMPLE.com.", true), ("a, example.com", true), ("a b feed.example.com:443", true), ("*", true),
      ("feed.example.com:80", false), ("ample.com", false), ("feed", false), ("", false), (",", false),
      (".", false), ("example.com.evil", false),
    ])
  func exceptions(list: String, isDirect: Bool) throws {
    for name in ["no_proxy", "NO_PROXY"] {
      #expect((try proxy(["https_proxy": "p:1", name: list]) == nil) == isDirect)
    }
  }

  @Test("addresses are exceptions too")
  func addressExceptions() throws {
    #expect(try proxy(["https_proxy": "p:1", "no_proxy": "127.0.0.1"], "127.0.0.1") == nil)
    #expect(try proxy(["https_proxy": "p:1", "no_proxy": "::1"], "::1") == nil)
    #expect(try proxy(["https_proxy": "p:1", "no_proxy": "[::1]:443"], "::1") == nil)
    #expect(try proxy(["https_proxy": "p:1", "no_proxy": "[::1]:80"], "::1") != nil)
  }
}

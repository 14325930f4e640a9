import Testing

@testable import Broadcast

@Suite("Hosts and origins")
struct HostOriginTests {
  private let hosts = HostPolicy(
    listening: "192.0.2.7", names: ["bot.example", "2001:db8::7", "[2001:db8::8]"])

  @Test(
    "the server goes by loopback, the address listened on, and names of the configuration",
    arguments: [
      "127.0.0.1", "127.0.0.1:8080", "localhost", "LocalHost:1", "localhost.", "localhost.:80", "[::1]",
      "[::1]:8080", "[0:0:0:0:0:0:0:1]:8080", "192.0.2.7", "bot.example:443", "BOT.EXAMPLE.",
      "[2001:db8::8]:1",
    ])
  func known(_ host: String) { #expect(hosts.check([host]) != nil) }

  @Test(
    "it goes by no other name",
    arguments: [
      "", " ", "evil.example", "127.0.0.1.evil.example", "bot.example.evil", "evil@localhost",
      "localhost:", "localhost:0", "localhost:65536", "localhost:x", "localhost:80:80", "localhost:+80",
      "localhost, evil.example", "localhost/", "localhost..", ".", "..", "[::1", "::1", "[::1]x", "[::1]:",
      "[::2]", "[localhost]", "[]", "[", "127.0.0.2", "2130706433", "localhost\u{0}", "löcalhost",
      "localhost\n", String(repeating: "a", count: 100_000), "0.0.0.0", "[::]", "[::1%eth0]",
      "[::ffff:127.0.0.1]",
    ])
  func unknown(_ host: String) { #expect(hosts.check([host]) == nil) }

  @Test("the Host header is there exactly once")
  func once() {
    #expect(hosts.check([]) == nil)
    #expect(hosts.check(["localhost", "localhost"]) == nil)
  }

  @Test("an address that stands for all is no name, and a name has no port")
  func wildcards() {
    #expect(HostPolicy(listening: "0.0.0.0").check(["0.0.0.0"]) == nil)
    #expect(HostPolicy(listening: "::").check(["[::]"]) == nil)
    #expect(HostPolicy(listening: "2001:db8::7").check(["[2001:DB8:0::7]:1"]) != nil)
    #expect(HostPolicy.isName("a.example") && HostPolicy.isName("[::1]"))
    for name in ["", "a:1", "*", "*.example", "http://a", "a b"] {
      #expect(!HostPolicy.isName(name), "\(name)")
    }
  }

  private let origins = OriginPolicy(["https://desk.example", "http://localhost:5173"])

  private func check(_ origins: [String], _ host: String = "localhost:8080", isTLS: Bool = false) throws
    -> OriginPolicy.Finding
  {
    self.origins.check(origins, host: try #require(Authority(host)), isTLS: isTLS)
  }

  @Test("pages of the server itself and of the configuration may use it")
  func allowed() throws {
    #expect(try check([]) == .none)
    #expect(try check(["http://localhost:8080"]) == .own)
    #expect(try check(["HTTP://LOCALHOST:8080"]) == .own)
    #expect(try check(["http://localhost"], "localhost:80") == .own)
    #expect(try check(["https://localhost:443"], "localhost", isTLS: true) == .own)
    #expect(try check(["http://[::1]:8080"], "[0::1]:8080") == .own)
    #expect(try check(["https://desk.example"]) == .configured)
    #expect(try check(["https://desk.example:443"]) == .configured)
    #expect(try check(["http://localhost:5173"], isTLS: true) == .configured)
  }

  @Test(
    "no other page may",
    arguments: [
      "null", "", "http://evil.example", "https://localhost:8080", "http://localhost",
      "http://localhost:8081",
      "http://127.0.0.1:8080", "http://localhost:8080/", "http://localhost:8080.evil.example", "*",
      "http://desk.example", "https://desk.example:444", "https://desk.example.evil", "ws://localhost:8080",
      "file://", "http://", "http:/localhost:8080", "http://a@localhost:8080", "http://localhost:8080 null",
      "https://desk.example,https://evil.example", "http//localhost:8080", "h", "https://",
    ])
  func refused(_ origin: String) throws {
    #expect(try check([origin]) == .refused)
    #expect(try check([origin, "http://localhost:8080"]) == .refused)
  }

  @Test("only pages of the configuration get headers that let them read, and without any nobody does")
  func cors() {
    let names = origins.headers(for: "https://desk.example").map(\.name)
    #expect(names.contains("Access-Control-Allow-Origin") && names.contains("Vary"))
    let value = origins.headers(for: "https://desk.example").first {
      $0.name == "Access-Control-Allow-Origin"
    }
    #expect(value?.value == "https://desk.example")
    for origin in [nil, "null", "https://evil.example", "http://localhost:8080"] {
      #expect(origins.headers(for: origin).map(\.name) == ["Vary"])
      #expect(origins.preflightHeaders(for: origin).map(\.name) == ["Vary"])
      #expect(OriginPolicy().headers(for: origin).isEmpty)
      #expect(OriginPolicy().preflightHeaders(for: origin).isEmpty)
    }
    let preflight = origins.preflightHeaders(for: "http://localhost:5173").map(\.name)
    #expect(preflight.contains("Access-Control-Allow-Headers"))
    #expect(!preflight.contains("Access-Control-Allow-Credentials"))
    #expect(OriginPolicy.isOrigin("https://a.example:8443") && !OriginPolicy.isOrigin("https://a.example/"))
    #expect(!OriginPolicy.isOrigin("*") && !OriginPolicy.isOrigin("null"))
  }
}

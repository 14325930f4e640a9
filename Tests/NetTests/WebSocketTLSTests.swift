import Testing

@testable import Net

@Suite(
  .enabled(if: Certificates.canBeMade, "openssl is not installed"), .timeLimit(.minutes(1)))
struct WebSocketTLSTests {
  private func serve(_ peer: Peer) async throws {
    try await peer.accept(then: textFrame("hello"))
    if let code = try await peer.closeCode() { try await peer.write(closeFrame(code)) }
  }

  @Test("an own root is accepted by name and by address", arguments: ["localhost", "127.0.0.1"])
  func ownRoot(host: String) async throws {
    let certificates = try await Certificates.shared.value
    try await withServer(tls: try certificates.server()) {
      try await serve($0)
    } _: { port in
      var target = try endpoint(port, scheme: "wss", host: host)
      target.certificateFile = certificates.rootFile
      let message = try await WebSocketClient.connect(target) { text(try await $0.next()) }
      #expect(message == "hello")
    }
  }

  @Test("an unknown root and a certificate for another host are refused")
  func refused() async throws {
    let certificates = try await Certificates.shared.value
    try await withServer(tls: try certificates.server()) {
      try await serve($0)
    } _: { port in
      let error = await failure(try endpoint(port, scheme: "wss", host: "localhost"))
      #expect(error?.code == .certificate)
      #expect(
        error?.description.hasSuffix("is not trusted or has expired; check the url, or name its root") == true
      )
    }
    try await withServer(tls: try certificates.server("other")) {
      try await serve($0)
    } _: { port in
      for host in ["localhost", "127.0.0.1"] {
        var target = try endpoint(port, scheme: "wss", host: host)
        target.certificateFile = certificates.rootFile
        let error = await failure(target)
        #expect(error?.code == .certificate)
        #expect(error?.description.hasSuffix("certificate is for another host; check the url") == true)
      }
    }
  }

  @Test("a certificate for the right address does not stand for a name")
  func addressForName() async throws {
    let certificates = try await Certificates.shared.value
    try await withServer(tls: try certificates.server("address")) {
      try await serve($0)
    } _: { port in
      var named = try endpoint(port, scheme: "wss", host: "localhost")
      named.certificateFile = certificates.rootFile
      let error = await failure(named)
      #expect(error?.code == .certificate)
      #expect(error?.description.hasSuffix("certificate is for another host; check the url") == true)
      var address = try endpoint(port, scheme: "wss")
      address.certificateFile = certificates.rootFile
      #expect(await failure(address) == nil)
    }
  }

  @Test("a star in a certificate stands for one label")
  func star() {
    #expect(CertificateCheck.matches("Feed.Example.com", host: "feed.example.COM"))
    #expect(CertificateCheck.matches("*.example.com", host: "feed.example.com"))
    for host in ["example.com", "a.feed.example.com", ".example.com", "feed.example.org", "feedexample.com"] {
      #expect(!CertificateCheck.matches("*.example.com", host: host))
    }
    #expect(!CertificateCheck.matches("*.com", host: "example.com"))
    #expect(!CertificateCheck.matches("*", host: "localhost"))
  }

  @Test("a file without certificates and a server without TLS are named as such")
  func setup() async throws {
    var target = try endpoint(1, scheme: "wss")
    target.certificateFile = "/nonexistent/root.pem"
    let missing = await failure(target)
    #expect(missing?.code == .certificate)
    #expect(
      missing?.description
        == "wss://127.0.0.1:1/…: /nonexistent/root.pem holds no certificate that can be read; name a PEM file"
    )
    try await withServer { peer in
      try await peer.write("HTTP/1.1 400 Bad Request\r\n\r\n")
      try await peer.drain()
    } _: { port in
      let plain = await failure(try endpoint(port, scheme: "wss"))
      #expect(plain?.code == .tls)
      #expect(
        plain?.description.hasSuffix("does not speak TLS at this port; check the port, or use ws://") == true)
    }
  }
}

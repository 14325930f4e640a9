import NIOCore
import Testing

@testable import Broadcast

@Suite("Counting connections")
struct ConnectionCounterTests {
  @Test("there are two limits, and what was closed makes room")
  func limits() throws {
    let counter = ConnectionCounter<String>(maximum: 3, maximumEach: 2)
    try counter.open("a")
    try counter.open("a")
    #expect(throws: ConnectionCounter<String>.Refusal.tooManyOfOne) { try counter.open("a") }
    try counter.open("b")
    #expect(throws: ConnectionCounter<String>.Refusal.full) { try counter.open("c") }
    counter.close("a")
    counter.close("nobody")
    #expect(counter.total == 2)
    #expect(counter.count(of: "a") == 1)
    try counter.open("c")
    for key in ["a", "b", "c", "c"] { counter.close(key) }
    #expect(counter.total == 0)
  }

  @Test("addresses of IPv6 count by their network, and IPv4 is itself in any form")
  func addresses() throws {
    func address(_ text: String) throws -> ClientAddress {
      ClientAddress(try SocketAddress(ipAddress: text, port: 80))
    }
    #expect(try address("1.2.3.4") == .ipv4(0x0102_0304))
    #expect(try address("::ffff:1.2.3.4") == .ipv4(0x0102_0304))
    #expect(try address("2001:db8:1:2::1") == address("2001:db8:1:2:ffff::9"))
    #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
    #expect(try address("::1") == .ipv6(network: 0))
    #expect(ClientAddress(nil) == .local)
    #expect(ClientAddress(try SocketAddress(unixDomainSocketPath: "/tmp/x")) == .local)
  }
}

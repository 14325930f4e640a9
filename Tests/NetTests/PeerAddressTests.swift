import Glibc
import Testing

@testable import Net

@Suite struct PeerAddressTests {
  /// The address of a text, by way of a `sockaddr`, as libcurl hands it over.
  private func address(_ text: String) -> PeerAddress? {
    if text.contains(":") {
      var address = sockaddr_in6()
      address.sin6_family = sa_family_t(AF_INET6)
      guard inet_pton(AF_INET6, text, &address.sin6_addr) == 1 else { return nil }
      return withUnsafeBytes(of: &address) { bytes in
        bytes.baseAddress.flatMap { PeerAddress($0, count: bytes.count) }
      }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    guard inet_pton(AF_INET, text, &address.sin_addr) == 1 else { return nil }
    return withUnsafeBytes(of: &address) { bytes in
      bytes.baseAddress.flatMap { PeerAddress($0, count: bytes.count) }
    }
  }

  @Test(
    "addresses of the own machine, of private networks and for special use are not public",
    arguments: [
      "0.0.0.0", "0.255.255.255", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
      "127.255.255.255", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.8", "192.0.2.1",
      "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
      "224.0.0.1",
      "239.255.255.255", "240.0.0.1", "255.255.255.255",
      "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1",
      "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
      "2001:10::1", "2001:1ff::1", "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2002:0a00:0001::",
      "3fff::1", "3fff:fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
      "4000::1", "1fff::1",
    ])
  func notPublic(text: String) throws {
    #expect(try #require(address(text)).isPublic == false)
  }

  @Test(
    "what lies beside them is",
    arguments: [
      "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
      "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
      "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.1", "203.0.114.0",
      "223.255.255.255", "8.8.8.8",
      "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1", "2001:200::1", "2001:4860:4860::8888",
      "2001:db7::1", "2001:db9::1", "2606:4700::1111", "2a00::1", "3ffe::1", "3fff:1000::1",
    ])
  func isPublic(text: String) throws {
    #expect(try #require(address(text)).isPublic)
  }

  @Test("an address is written as people write it", arguments: ["127.0.0.1", "8.8.8.8", "::1", "fe80::1"])
  func text(text: String) throws {
    #expect(try #require(address(text)).text == text)
  }

  @Test("a name of the file system, and too few bytes, are no address")
  func others() {
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeBytes(of: &name) { bytes in
      #expect(bytes.baseAddress.flatMap { PeerAddress($0, count: bytes.count) } == nil)
    }
    var short = sockaddr_in()
    short.sin_family = sa_family_t(AF_INET)
    withUnsafeBytes(of: &short) { bytes in
      #expect(bytes.baseAddress.flatMap { PeerAddress($0, count: 1) } == nil)
      #expect(bytes.baseAddress.flatMap { PeerAddress($0, count: 8) } == nil)
    }
  }
}

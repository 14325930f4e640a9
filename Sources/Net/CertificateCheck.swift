internal import NIOCore
internal import NIOSSL

/// Checks the names in a server's certificate once more.
///
/// NIOSSL is content when a certificate is for the address that it is connected to, even if it was asked to check a
/// name. Whoever can forge an answer of the DNS could use a certificate for an address of their own.
enum CertificateCheck {
  /// The certificate names only an address, or other hosts.
  struct WrongHost: Error {}

  /// The TLS handler for a connection to this host; nil: the url has an address.
  static func handler(_ context: NIOSSLContext, host: String?) throws -> NIOSSLClientHandler {
    guard let host else { return try NIOSSLClientHandler(context: context, serverHostname: nil) }
    let name = host.hasSuffix(".") ? String(host.dropLast()) : host
    return try NIOSSLClientHandler._makeSSLClientHandler(context: context, serverHostname: name) {
      certificate, channel in
      let names = certificate._subjectAlternativeNames()
      // Without such names, NIOSSL has compared the host with the common name.
      let isRight =
        names.isEmpty
        || names.contains {
          $0.nameType == .dnsName && matches(String(decoding: $0.contents, as: UTF8.self), host: name)
        }
      return isRight
        ? channel.eventLoop.makeSucceededVoidFuture() : channel.eventLoop.makeFailedFuture(WrongHost())
    }
  }

  /// RFC 6125 6.4: whatever the case; a `*` is the whole first label and stands for one.
  static func matches(_ pattern: String, host: String) -> Bool {
    let pattern = pattern.lowercased()
    let host = host.lowercased()
    if pattern.hasPrefix("*."), let dot = host.firstIndex(of: ".") {
      return dot != host.startIndex && host[dot...] == pattern.dropFirst()
        && pattern.dropFirst(2).contains(".")
    }
    return pattern == host
  }
}

internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Puts what goes wrong at one endpoint into words, without its secrets.
struct WebSocketCauses: Sendable {
  private static let lineLimit = 200

  private let display: String
  private let redactor: Redactor

  init(_ endpoint: WebSocketEndpoint) {
    display = endpoint.display
    redactor = endpoint.redactor
  }

  /// One printable line of what the other side said.
  func line(_ bytes: some Sequence<UInt8>, isCut: Bool = false) -> String {
    redactor.line(bytes, limit: WebSocketCauses.lineLimit, isCut: isCut)
  }

  private func error(_ code: WebSocketError.Code, _ text: String) -> WebSocketError {
    WebSocketError(code, "\(display): \(text)")
  }

  // MARK: An open WebSocket

  var vanished: WebSocketError {
    error(.closed, "the server closed the connection without a close frame; connect again")
  }

  var alreadyClosed: WebSocketError { error(.closed, "the WebSocket is closed; connect again") }

  func silent(_ limit: Duration) -> WebSocketError {
    error(.timedOut, "nothing was heard for \(limit.text); connect again")
  }

  func violation(_ what: String) -> WebSocketError {
    error(.protocolViolation, "the server broke the WebSocket protocol with \(what); check the url")
  }

  func tooBig(_ limit: Int) -> WebSocketError {
    error(.messageTooBig, "the server sent a message of more than \(limit) bytes, the limit; raise it")
  }

  // MARK: The way to one

  func connectTimeout(_ limit: Duration, at stage: String) -> WebSocketError {
    error(.timedOut, "\(stage) within \(limit.text), the limit for connecting; check host and port")
  }

  func answerTimeout(_ limit: Duration) -> WebSocketError {
    error(
      .timedOut,
      "connected, but the server did not answer the WebSocket handshake within \(limit.text); check the url")
  }

  func certificateFile(_ path: String) -> WebSocketError {
    error(.certificate, "\(path) holds no certificate that can be read; name a PEM file")
  }

  var addressThroughProxy: WebSocketError {
    error(.proxy, "the certificate of an address cannot be checked through a proxy; use the host's name")
  }

  var notHTTP: WebSocketError {
    error(.notWebSocket, "the server does not speak HTTP, so no WebSocket either; check host and port")
  }

  var endedEarly: WebSocketError {
    error(
      .closed, "the server closed the connection before it answered the WebSocket handshake; check the url")
  }

  var wrongAcceptance: WebSocketError {
    error(.notWebSocket, "the server's answer to the WebSocket handshake is wrong; check the url")
  }

  /// The server's answer is something other than a WebSocket.
  func refusal(_ head: ResponseHead, body: [UInt8], isCut: Bool) -> WebSocketError {
    let status = head.status
    let isPage = HTMLPage.isOne(body, contentType: head.header("Content-Type"))
    let said = isPage || body.isEmpty ? "" : ": \(line(body, isCut: isCut))"
    let answer = line(head.statusText.utf8)
    switch status {
    case 200..<300 where isPage:
      return error(.notWebSocket, "answered with a web page, not a WebSocket: check the url")
    case 101, 200..<300:
      return error(.notWebSocket, "the server answered \(answer), not a WebSocket\(said); check the url")
    case 300..<400:
      return error(.handshake(status: status), "the server answered \(answer), a redirect; use the new url")
    case 401, 403:
      return error(.handshake(status: status), "the server answered \(answer)\(said); check the key")
    case 429, 500...:
      return error(.handshake(status: status), "the server answered \(answer)\(said); try again later")
    default:
      return error(.handshake(status: status), "the server answered \(answer)\(said); check the url")
    }
  }

  func proxyRefusal(_ head: ResponseHead, proxy: String) -> WebSocketError {
    let advice = head.status == 407 ? "check its user and password" : "check its rules"
    // The phrase is left out: it may repeat the proxy's password.
    return error(.proxy, "the proxy \(proxy) answered \(head.status); \(advice)")
  }

  func proxyFailure(_ what: String, proxy: String) -> WebSocketError {
    error(.proxy, "the proxy \(proxy) \(what); check that it is an HTTP proxy")
  }

  // MARK: What NIO says

  /// Why a TCP connection could not be made.
  func connecting(_ cause: any Error, to place: String, limit: Duration, isProxy: Bool) -> WebSocketError {
    let code: WebSocketError.Code? = isProxy ? .proxy : nil
    let name = isProxy ? "the proxy \(place)" : place
    if let cause = cause as? WebSocketError { return cause }
    if let cause = cause as? NIOConnectionError {
      guard let first = cause.connectionErrors.first?.error else {
        return error(
          code ?? .cannotResolve, "\(name): the host's name has no address; check the name and the DNS")
      }
      return connecting(first, to: place, limit: limit, isProxy: isProxy)
    }
    if case ChannelError.connectTimeout = cause {
      return connectTimeout(limit, at: "\(name) did not accept a connection")
    }
    if let cause = cause as? IOError, cause.errnoCode == ECONNREFUSED {
      return error(code ?? .refused, "\(name) refuses the connection; check the port and that it runs")
    }
    return error(code ?? .unreachable, "\(name) cannot be reached\(reason(cause)); check the network")
  }

  /// Why a connection broke off.
  func broken(_ cause: any Error) -> WebSocketError {
    if let cause = cause as? WebSocketError { return cause }
    if let cause = cause as? NIOSSLError, case .uncleanShutdown = cause { return vanished }
    if let tls = tls(cause) { return tls }
    return error(.closed, "the connection broke off\(reason(cause)); connect again")
  }

  /// The words for an error of TLS; nil when it is none.
  private func tls(_ cause: any Error) -> WebSocketError? {
    if cause is CertificateCheck.WrongHost { return wrongHost }
    guard cause is NIOSSLError || cause is NIOSSLExtraError || cause is BoringSSLError else { return nil }
    let text = String(describing: cause)
    if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("unableToValidateCertificate") {
      return error(
        .certificate,
        "the server's certificate is not trusted or has expired; check the url, or name its root")
    }
    if cause is NIOSSLExtraError { return wrongHost }
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
      return error(.tls, "the server does not speak TLS at this port; check the port, or use ws://")
    }
    return error(.tls, "TLS failed; check host and port")
  }

  private var wrongHost: WebSocketError {
    error(.certificate, "the server's certificate is for another host; check the url")
  }

  private func reason(_ cause: any Error) -> String {
    guard let cause = cause as? IOError else { return "" }
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(cause.errnoCode, &buffer, buffer.count) == 0 else { return "" }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return " (\(String(decoding: bytes, as: UTF8.self)))"
  }
}

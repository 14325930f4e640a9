/// A request: GET, or POST when it has a body.
public struct HTTPRequest: Sendable {
  /// An `http://` or `https://` url.
  public var url: String
  /// Sent in this order; may hold keys, so never logged.
  public var headers: [(name: String, value: String)]
  /// What is sent with POST, its type being among the headers; nil: GET.
  public var body: [UInt8]?
  /// Whether the path is a secret too, as that of a webhook: errors then name the host alone.
  public var hidesPath = false
  /// The limit for everything, from the look-up of the name to the last byte.
  public var timeout: Duration
  /// The limit for connecting, with TLS.
  public var connectTimeout: Duration
  /// A file with roots (PEM) to trust in addition to the system's. Certificates are always checked.
  public var certificateFile: String?
  /// The limit for the body in bytes, unpacked.
  public var maximumBytes: Int

  /// A request with the customary limits.
  public init(
    url: String, headers: [(name: String, value: String)] = [], timeout: Duration = .seconds(15),
    connectTimeout: Duration = .seconds(5), certificateFile: String? = nil, maximumBytes: Int = 64 << 20
  ) {
    self.url = url
    self.headers = headers
    self.timeout = timeout
    self.connectTimeout = connectTimeout
    self.certificateFile = certificateFile
    self.maximumBytes = maximumBytes
  }

  /// The url as it may be shown.
  var shownURL: SafeURL { hidesPath ? SafeURL(originOf: url) : SafeURL(url) }
}

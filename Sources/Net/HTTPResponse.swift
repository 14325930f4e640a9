/// What a server answered, whatever the status.
public struct HTTPResponse: Sendable, Equatable {
  /// The status, like 200 or 429; never a redirect.
  public var status: Int
  /// The body, unpacked.
  public var body: [UInt8]
  /// How long to wait before the next request; nil when the server did not say, or the moment is over.
  public var retryAfter: Duration?
  /// The type of the body, like `application/json`.
  public var contentType: String?
}

/// Why the server cannot begin.
public struct BroadcastFailure: Error, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Code: Sendable {
    /// The address is taken, or not ours.
    case cannotListen
    /// The certificate or its key cannot be used.
    case certificate
    /// The keys of JSON Web Tokens cannot be used.
    case keys
    /// Anything else.
    case system
  }

  /// What went wrong.
  public var code: Code
  /// One sentence for people.
  public var description: String
}

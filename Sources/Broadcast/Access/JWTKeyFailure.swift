/// Why the keys of a file cannot be used. Says nothing of what is in them.
public struct JWTKeyFailure: Error, Equatable, CustomStringConvertible {
  /// The file, what is wrong, and what to do.
  public var description: String

  init(_ description: String) { self.description = description }
}

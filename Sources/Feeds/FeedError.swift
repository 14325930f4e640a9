/// Why an input cannot be read (further); the message names the input and says what to do.
public struct FeedError: Error, Equatable, CustomStringConvertible {
  /// What went wrong.
  public enum Code: Equatable, Sendable {
    /// It is not there or may not be read.
    case cannotOpen
    /// It is there but is no file, pipe or the like.
    case notAFile
    /// Reading failed half way.
    case cannotRead
    /// The compressed data ends too early.
    case truncated
    /// The compressed data is damaged.
    case corrupt
    /// Writing failed.
    case cannotWrite
    /// The settings of a feed cannot be followed.
    case settings
    /// A REST interface cannot be read.
    case rest
  }

  /// What went wrong.
  public let code: Code
  /// One sentence for the user, with the input's name.
  public let description: String

  /// Words a failure.
  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}

/// A kind of window.
public struct APIWindow: Equatable, Sendable {
  /// `window.NAME` makes it.
  public var name: String
  /// The keys of its declaration.
  public var keys: [String]
  /// What belongs to a group.
  public var doc: String
}

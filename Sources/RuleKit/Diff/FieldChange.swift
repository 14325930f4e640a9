/// A field of a signal that two rule sets fill differently.
public struct FieldChange: Equatable, Sendable {
  /// The field, as JSON lines of signals name it; `data.usd` of a member of `data`.
  public var name: String
  /// What it was; `nothing` when it was not there.
  public var before: String
  /// What it is.
  public var after: String

  /// A field with both texts.
  public init(name: String, before: String, after: String) {
    self.name = name
    self.before = before
    self.after = after
  }
}

/// What the value of an expression is to a rule, as far as the text tells.
enum Meaning: Equatable {
  case other
  /// The order that a hook was called with.
  case order
  /// The windows that a hook was called with.
  case windows
  /// What `rule{}` returned.
  case rule
  /// `R.params`
  case params
  /// A group of one of these windows.
  case group([String])
  /// What `groups "NAME"` returns.
  case groups(String)
  /// A signal of another rule, a lost stretch of a feed.
  case heard, gap
  /// A match of a sequence, its steps, the order of one of them.
  case match, steps, step
  /// Whole micro-dollars.
  case dollars
  /// Whole micro-shares.
  case shares
  /// A number that was written with a decimal point.
  case decimal

  var isMoney: Bool { self == .dollars || self == .shares }
}

/// What the price of a signal's token did after it.
public struct PriceOutcome: Equatable, Sendable {
  /// The price at the signal, micro-dollars.
  public var price: Int64
  /// The last price up to the end of the time that was asked for, micro-dollars.
  public var later: Int64
  /// How far the price went the way the signal's side says, micro-dollars; nil without a side.
  public var move: Int64?
}

/// What a scanner has seen so far.
public struct ScanCounters: Equatable, Sendable {
  /// Valid orders.
  public var orders: UInt64 = 0
  /// Dead letters.
  public var rejected: UInt64 = 0
  /// Messages that bring no order: acknowledgements, errors, other topics.
  public var skipped: UInt64 = 0
  /// Bytes of the input that are done with.
  public var bytes: UInt64 = 0

  /// Nothing seen.
  public init() {}
}

/// Why a call of the scanner came back.
public enum ScanState: Equatable, Sendable {
  /// The batch is full: call again.
  case more
  /// Everything that came in is scanned as far as possible: give it more, or say that the input has ended.
  case needsInput
  /// The input has ended and all of it is scanned.
  case end
}

/// How much subscribers may cost, and how patient the server is.
public struct StreamLimits: Sendable, Equatable {
  /// Bytes that are handed to a connection at a time.
  public var batchBytes = 8 << 10
  /// From this many waiting bytes on a connection is given nothing more, until there is half of that.
  public var highWatermark = 6 << 10
  /// Bytes that the kernel may keep for a connection.
  public var socketBytes: Int32 = 128 << 10
  /// How long a connection that takes nothing is kept.
  public var patience: Duration = .seconds(30)
  /// How many bytes of signals may pass by a connection that takes nothing.
  public var patienceBytes = 1 << 20
  /// A connection that takes nothing is kept at least so long, however much passes by.
  public var leastPatience: Duration = .seconds(5)
  /// A stream on which there is nothing to say says so after this time.
  public var heartbeat: Duration = .seconds(15)

  /// The customary limits.
  public init() {}
}

/// What happens to the orders on their way to a connection.
enum StreamMode: Equatable, Sendable {
  /// They are sent.
  case flowing
  /// They are dropped until the client subscribes again.
  case frozen
  /// They are kept until this time, in nanoseconds after the start.
  case held(until: Int64, orders: [Int])
  /// They are kept until there are so many, then sent in another order.
  case shuffling(count: Int, orders: [Int])
  /// Half of the next one is sent, then the connection ends.
  case cutting
  /// Their bytes go out in drops until this time; the next drop at `next`.
  case dribbling(until: Int64, next: Int64)
}

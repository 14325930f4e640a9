/// A message that could not be taken, and why.
public struct DeadLetter: Equatable, Sendable {
  /// The input it came from, as the user named it.
  public var source: String
  /// Line of the input, from 1.
  public var line: UInt64
  /// Byte offset in the input of the first byte of the message.
  public var offset: UInt64
  /// What was wrong, and where in the message.
  public var reason: String
  /// The message itself, cut to 4 KiB.
  public var text: [UInt8]

  /// Names the place and the reason.
  public init(source: String, line: UInt64, offset: UInt64, reason: String, text: [UInt8]) {
    self.source = source
    self.line = line
    self.offset = offset
    self.reason = reason
    self.text = text
  }
}

/// An error or kill of a rule, with the event it happened at.
public struct RuleFailure: Equatable, Sendable {
  /// The rule.
  public var rule: String
  /// Version of the rule set.
  public var version: String
  /// Journal sequence number of the event.
  public var seq: Int64
  /// `error`, `killed` (the watchdog), `memory` or `limit`.
  public var kind: String
  /// The hook that ran: `on_order`, `on_timer`, `on_close`.
  public var hook: String
  /// Message with file and line.
  public var message: String
  /// Lua stack trace.
  public var trace: String
  /// The order's hash, or its transaction when it has none; empty without an order.
  public var order: String

  /// Everything about one failure.
  public init(
    rule: String, version: String, seq: Int64, kind: String, hook: String, message: String, trace: String,
    order: String
  ) {
    self.rule = rule
    self.version = version
    self.seq = seq
    self.kind = kind
    self.hook = hook
    self.message = message
    self.trace = trace
    self.order = order
  }
}

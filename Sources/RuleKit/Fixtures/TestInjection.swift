/// Something that happens to a test's flow besides what its orders say.
public struct TestInjection: Equatable, Sendable {
  /// What happens.
  public enum Kind: Equatable, Sendable {
    /// The engine ends and begins again with what it kept.
    case restart
    /// The rule is loaded anew, with these parameters, in the place of the one that runs.
    case reload([String: String])
    /// This much event time behind the order is lost, ms.
    case gap(Int64)
    /// The order comes a second time.
    case duplicate
    /// The order arrives when it is this much older than the watermark, ms.
    case late(Int64)
    /// The order and the next one arrive the other way round.
    case reorder
    /// The clock goes on this much behind the order without another, ms.
    case tick(Int64)
  }

  /// What happens.
  public var kind: Kind
  /// Number of the order behind which, or to which, it happens; from 1.
  public var after: Int

  /// Something behind an order.
  public init(_ kind: Kind, after: Int) {
    self.kind = kind
    self.after = after
  }

  /// What `do` can say, for messages.
  static let words = ["restart", "reload", "gap", "duplicate", "late", "reorder", "tick"]

  /// As it is written, such as `restart after 3`.
  public var text: String {
    let what =
      switch kind {
      case .restart: "restart"
      case .reload(let parameters):
        parameters.isEmpty
          ? "reload"
          : "reload with "
            + parameters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
      case .gap(let span): "gap \(OrderTable.span(span))"
      case .duplicate: "duplicate"
      case .late(let span): "late \(OrderTable.span(span))"
      case .reorder: "reorder"
      case .tick(let span): "tick \(OrderTable.span(span))"
      }
    return "\(what) after \(after)"
  }
}

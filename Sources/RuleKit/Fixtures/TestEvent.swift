public import OrderFlow

/// One event of a test's flow, and what is due on it.
public struct TestEvent: Equatable, Sendable {
  /// What happens.
  public enum Kind: Equatable, Sendable {
    case order(TestOrder)
    /// The clock goes on without an order, to this event time, ms.
    case tick(Int64)
    /// A stretch of event time, ms, is lost, or filled again.
    case gap(from: Int64, to: Int64, isFilled: Bool)
  }

  /// What happens.
  public var kind: Kind
  /// What is due on it, in the order of the line.
  public var marks: [TestMark] = []
  /// Its line in the test file, 0 when it comes from a recording.
  public var line = 0
  /// How it is written, without marks; empty when it comes from a recording.
  public var text = ""

  /// An event on which nothing is due.
  public init(_ kind: Kind, marks: [TestMark] = [], line: Int = 0, text: String = "") {
    self.kind = kind
    self.marks = marks
    self.line = line
    self.text = text
  }

  /// The order, nil of anything else.
  public var order: TestOrder? {
    if case .order(let order) = kind { return order }
    return nil
  }

  /// Event time, ms.
  public var time: Int64 {
    switch kind {
    case .order(let order): order.time
    case .tick(let time): time
    case .gap(let from, _, _): from
    }
  }
}

/// What a test says is due on an event.
public enum TestMark: Equatable, Sendable {
  /// `#> high`: a signal of this severity.
  case signal(Severity)
  /// `#= folded`: a repeat that is folded into an earlier signal.
  case folded
  /// `#~ late`: the order is older than the watermark when it arrives.
  case late
  /// `#todo> high`: a signal that is known to be missing.
  case missed(Severity)

  /// Whether it is about a signal that stands for itself.
  var isSignal: Bool {
    switch self {
    case .signal, .missed: true
    case .folded, .late: false
    }
  }
}

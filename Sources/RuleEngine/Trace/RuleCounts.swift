/// What an instrumented rule did since it was loaded or last asked, summed up.
public struct RuleCounts: Sendable, Equatable {
  /// How often something had a value.
  public struct Count: Sendable, Equatable {
    /// How often.
    public var seen: UInt64
    /// How often the value was true.
    public var truths: UInt64

    /// So many, and so many true ones among them.
    public init(seen: UInt64 = 0, truths: UInt64 = 0) {
      self.seen = seen
      self.truths = truths
    }

    /// How often the value was false.
    public var lies: UInt64 { seen &- truths }

    /// Both together; wraps at the end of the numbers.
    public static func += (left: inout Count, right: Count) {
      left.seen &+= right.seen
      left.truths &+= right.truths
    }
  }

  /// Where in the header a condition stands.
  public enum Place: Hashable, Sendable {
    /// The rule's own `where`.
    case rule
    /// The `where` of a window.
    case window(String)
    /// A step or a `never` of a sequence.
    case step(sequence: String, name: String)
  }

  /// A condition of the header, tested for each order whatever the others say.
  public struct Condition: Sendable, Equatable {
    /// Where it stands.
    public var place: Place
    /// The field, or `window.aggregate`.
    public var subject: String
    /// What it said. A condition on an aggregate says nothing of orders that the window does not take.
    public var count: Count

    /// A condition and what it said.
    public init(place: Place, subject: String, count: Count = Count()) {
      self.place = place
      self.subject = subject
      self.count = count
    }
  }

  /// The probes, by number.
  public var probes: [Count]
  /// The conditions of the header.
  public var conditions: [Condition]

  /// These counts.
  public init(probes: [Count], conditions: [Condition] = []) {
    self.probes = probes
    self.conditions = conditions
  }
}

/// The text of a rule with calls of a probe in it, to be loaded in the place of the rule's own.
///
/// It must do what the rule does, line by line: id, version and everything the rule says stay those of its file.
public struct InstrumentedSource: Sendable, Equatable {
  /// The text.
  public var text: [UInt8]
  /// The global that is the probe the first time that it is read.
  public var probe: String
  /// How many probes are counted from the load on, by number; 0: nothing is counted.
  public var counted = 0

  /// A text and how it calls its probe.
  public init(text: [UInt8], probe: String, counted: Int = 0) {
    self.text = text
    self.probe = probe
    self.counted = counted
  }
}

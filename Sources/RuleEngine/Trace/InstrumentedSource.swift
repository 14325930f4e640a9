/// The text of a rule with calls of a probe in it, to be loaded in the place of the rule's own.
///
/// It must do what the rule does, line by line: id, version and everything the rule says stay those of its file.
public struct InstrumentedSource: Sendable, Equatable {
  /// The text.
  public var text: [UInt8]
  /// The global that is the probe the first time that it is read.
  public var probe: String

  /// A text and how it calls its probe.
  public init(text: [UInt8], probe: String) {
    self.text = text
    self.probe = probe
  }
}

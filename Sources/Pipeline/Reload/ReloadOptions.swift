/// How a live run takes in rules that change while it runs.
public struct ReloadOptions: Sendable, Equatable {
  /// Whether changes of the rules folder are noticed; who asks for a reload gets one in any case.
  public var watches = true
  /// Whether rules that can be loaded come into use though others cannot, which then go on as they were.
  public var isPartial = false
  /// Whether the tests beside changed rules must pass.
  public var isTested = true
  /// How long the folder must rest after a change before it is read.
  public var quiet: Duration = .milliseconds(200)

  /// What holds when nothing is said.
  public init() {}
}

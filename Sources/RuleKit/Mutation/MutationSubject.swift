/// A rule and its tests, as mutation testing sees them. Threads run trials at the same time.
public protocol MutationSubject: Sendable {
  /// The rule's text.
  var source: [UInt8] { get }
  /// The names of its tests, in the order in which they are run.
  var tests: [String] { get }
  /// Whether a test comes by the place of a mutant; true when nobody knows.
  func reaches(_ mutant: Mutant, test: Int) -> Bool
  /// Why a text does not load in the place of the rule's; nil when it does.
  func refusal(of source: [UInt8]) -> String?
  /// Runs a test with another text in the place of the rule's.
  func run(test: Int, source: [UInt8]) -> MutationTrial
}

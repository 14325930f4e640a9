public import Documents

/// The tests of one rule, as `rules/<id>.test.yaml` tells them.
public struct RuleTestFile: Sendable {
  /// The file as the user knows it.
  public var path: String
  /// The rule that is tested.
  public var rule: String
  /// In the order of the file.
  public var tests: [RuleTest]

  /// What the reader needs from outside: the orders of a recording that a test names.
  ///
  /// Throws a problem without an origin, which the reader gives the place that names the recording.
  public typealias Recordings = (String) throws(PlacedProblem) -> [TestOrder]

  /// Reads a test file; the first thing that is wrong is said with its line.
  public static func read(
    _ text: String, path: String, recordings: Recordings
  ) throws(PlacedProblem) -> RuleTestFile {
    let example = "rule: whale_order"
    let top = try PlacedMap(try YAMLText.parse(text, path: path, example: example), path: "")
    let reader = try RuleTestReader(top, path: path)
    let rule = try top.required("rule", "the id of the rule that is tested")
    let tests = try reader.tests(recordings)
    return RuleTestFile(path: path, rule: rule, tests: tests)
  }
}

extension PlacedMap {
  /// A text that must be there.
  func required(_ key: String, _ wanted: String) throws(PlacedProblem) -> String {
    if let text = try text(key, wanted) { return text }
    throw PlacedProblem(origin, "\(name(key)) is missing: \(wanted)")
  }
}

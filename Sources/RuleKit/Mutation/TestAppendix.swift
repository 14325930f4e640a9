public import Documents
import OrderFlow
import Wire

/// A test as it is written at the end of a test file.
public struct TestAppendix: Sendable {
  /// The lines to be added, each with its line break.
  public private(set) var text = ""
  /// The file with them.
  public private(set) var file = ""

  /// Writes a test behind those of a file. Nil when it does not come out of the file again as `accepts` wants it:
  /// the list of tests is not the last thing in it, or something in the flow cannot be written as a table.
  ///
  /// What the file says for all tests is left out.
  public init?(
    _ test: RuleTest, to file: String, path: String, recordings: RuleTestFile.Recordings,
    accepts: (RuleTest) -> Bool
  ) {
    let isEnded = file.isEmpty || file.hasSuffix("\n")
    for extras in [
      [], TestAppendix.clock(test), TestAppendix.settings(test),
      TestAppendix.clock(test) + TestAppendix.settings(test),
    ] {
      let indent = TestAppendix.indent(of: file)
      text = TestAppendix.lines(test, extras).map { $0.isEmpty ? "\n" : indent + $0 + "\n" }.joined()
      self.file = file + (isEnded ? "" : "\n") + text
      guard let read = try? RuleTestFile.read(self.file, path: path, recordings: recordings).tests.last,
        read.name == test.name, read.parameters == test.parameters, read.labels == test.labels,
        TestAppendix.isSame(read.events, test.events), accepts(read)
      else { continue }
      return
    }
    return nil
  }

  private static func lines(_ test: RuleTest, _ extras: [String]) -> [String] {
    let table = OrderTableWriter.lines(test.events, names: test.names, start: test.start)
    return ["- name: \(JSONText.quoted(test.name))"] + extras.map { "  " + $0 } + ["  orders: |"]
      + table.map { "    " + $0 }
  }

  private static func clock(_ test: RuleTest) -> [String] {
    ["clock: \(EventTime.text(test.start).replacing(" ", with: "T"))Z"]
  }

  private static func settings(_ test: RuleTest) -> [String] {
    var lines: [String] = []
    if !test.parameters.isEmpty {
      let pairs = test.parameters.sorted { $0.key < $1.key }.map { "\($0.key): \(JSONText.quoted($0.value))" }
      lines.append("params: { \(pairs.joined(separator: ", ")) }")
    }
    if let labels = test.labels {
      let pairs = labels.sorted { $0.key < $1.key }.map { wallet, label in
        "\(JSONText.quoted(test.names.name(ofWallet: wallet))): \(JSONText.quoted(label))"
      }
      lines.append("tables: { wallets: { \(pairs.joined(separator: ", ")) } }")
    }
    return lines
  }

  /// The blanks in front of the last test of a file.
  private static func indent(of file: String) -> String {
    let item = file.split(whereSeparator: \.isNewline).last { line in
      line.drop { $0 == " " }.hasPrefix("- name:")
    }
    return item.map { String($0.prefix { $0 == " " }) } ?? "  "
  }

  private static func isSame(_ left: [TestEvent], _ right: [TestEvent]) -> Bool {
    left.count == right.count
      && zip(left, right).allSatisfy { a, b in
        a.marks == b.marks && a.time == b.time && a.order?.shares == b.order?.shares
          && a.order?.price == b.order?.price && a.order?.isSale == b.order?.isSale
      }
  }
}

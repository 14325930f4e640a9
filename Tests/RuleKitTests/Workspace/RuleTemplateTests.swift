import RuleEngine
import Testing

@testable import RuleKit

@Suite("Templates of rules")
struct RuleTemplateTests {
  @Test("each loads, pleases the lint, and passes its test", arguments: RuleTemplate.allCases)
  func passes(_ template: RuleTemplate) throws {
    let files = template.files(for: "mine")
    #expect(files.map(\.name) == ["mine.lua", "mine.test.yaml"])
    try DraftCheck.check(files[0].text, files[1].text)
  }
}

/// Holds a rule that was written for a user against its test.
enum DraftCheck {
  @discardableResult
  static func check(_ source: String, _ test: String) throws -> RuleTestFile {
    #expect(Lint.check("mine", source: Array(source.utf8)).map(\.description) == [])
    let runner = try RuleTestRunner(
      RuleSources(rules: [.init(name: "mine", source: Array(source.utf8))]), rule: "mine")
    let file = try RuleTestFile.read(test, path: "mine.test.yaml") { _ in [] }
    #expect(file.rule == "mine")
    for test in file.tests {
      #expect(runner.verdict(on: test).differences.map(\.message) == [], "\(test.name)")
    }
    return file
  }
}

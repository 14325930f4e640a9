import RuleEngine
import RuleKit

extension TestFolder {
  /// Throws what the tests beside some rules say against them; a rule without tests has nothing against it.
  ///
  /// With `isOver` it gives up. They run with the parameters that the rules' files say: what a configuration overrides is not what is tested.
  func check(
    _ rules: [String], of sources: RuleSources, isOver: @escaping @Sendable () -> Bool
  ) throws(Engine.Refusal) {
    let tested = Set(tested())
    var options = TestSession.Options()
    options.rules = rules.filter { tested.contains($0) }
    options.isOver = isOver
    // Nobody sees the reasons, and on a long recording they take long.
    options.explains = false
    if options.rules.isEmpty { return }
    var sources = sources
    sources.parameters = [:]
    let found = TestSession(self, sources, options).run().results.flatMap { problems($0) }
    if !found.isEmpty, !isOver() { throw Engine.Refusal(problems: found) }
  }

  private func problems(_ result: TestSession.Result) -> [RuleProblem] {
    let name = result.file.rule + ".test.yaml"
    func problem(_ origin: String, _ message: String) -> RuleProblem {
      let line = origin.split(separator: ":").dropFirst().first.flatMap { Int($0) } ?? 0
      return RuleProblem(rule: result.file.rule, file: name, line: line, message: message)
    }
    if let message = result.file.problem {
      // It begins with the file's path, which the problem names itself.
      let parts = message.split(separator: ": ", maxSplits: 1)
      return [problem(String(parts[0]), String(parts[parts.count - 1]))]
    }
    return result.file.verdicts.filter { !$0.isPassed }.prefix(3).map { verdict in
      problem(
        verdict.test.origin, "test '\(verdict.test.name)' fails: \(verdict.differences.first?.message ?? "")")
    }
  }
}

import ArgumentParser
import Files
import Pipeline
import RuleKit

/// Looks for tests that notice what survived, shows them, and adds those that are wanted to the test file.
struct Suggestions {
  let subject: RuleMutationSubject
  let folder: TestFolder
  /// The test file.
  let path: String
  /// Whether to add without asking.
  let isAdding: Bool

  /// Goes over the survivors of a report.
  func make(_ report: MutationReport) throws {
    var text = try read()
    var added: [BoundarySuggestion] = []
    for survivor in report.survivors where survivor.mutant.hasBound {
      let mutant = survivor.mutant
      let place = "\(report.rule).lua:\(mutant.line): \(mutant.change)"
      if let one = added.first(where: { $0.notices(mutant, of: subject) }) {
        Output.standard.line("\(place): noticed by '\(one.name)' already")
        continue
      }
      let suggestion: BoundarySuggestion
      do throws(BoundarySuggestion.None) {
        suggestion = try BoundarySuggestion.find(
          for: mutant, of: subject, file: text, path: path, recordings: folder.recordings)
      } catch {
        Output.standard.line("\(place): no test found: \(error.reason)")
        continue
      }
      Output.standard.line("\(place): this test notices it")
      Output.standard.write(suggestion.appendix.text)
      switch isAdding ? Answer.yes : .ask("add it to \(path)?") {
      case .yes:
        try write(suggestion.appendix)
        text = suggestion.appendix.file
        added.append(suggestion)
      case .no: continue
      case .quit: return
      }
    }
    if !added.isEmpty {
      Output.standard.line("added \(added.count) \(added.count == 1 ? "test" : "tests") to \(path)")
    }
  }

  private func read() throws -> String {
    do throws(SmallFile.Failure) {
      return String(decoding: try SmallFile.read(path, limit: 16 << 20).bytes, as: UTF8.self)
    } catch {
      throw Output.fail("\(path): \(error)", .badInput)
    }
  }

  private func write(_ appendix: TestAppendix) throws {
    do throws(SmallFile.Failure) {
      try SmallFile.write(Array(appendix.file.utf8), to: SmallFile.target(of: path))
    } catch {
      throw Output.fail("\(path): \(error)", .badInput)
    }
  }
}

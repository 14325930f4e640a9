import ArgumentParser
import Documents
import Feeds
import Files
import Glibc
import Pipeline
import RuleEngine
import RuleKit

/// `betterbot new`: begins a rule, with its test.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Begin a rule and its test, from a template or from recorded orders.",
    discussion: """
      Templates:
      \(RuleTemplate.allCases.map { template in
        "  " + template.rawValue.padding(to: 10) + template.about
      }.joined(separator: "\n"))

      Nothing that is there is overwritten. Examples:

        betterbot new big_buys --template whale
        betterbot new burst --from fixtures/burst.jsonl.gz --orders 12,15-18
      """)

  @Argument(help: "The rule's id: a small letter, then small letters, digits and _, 64 at most.") var rule:
    String
  @Option(
    name: .long, help: "What to begin with: \(RuleTemplate.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var template: String?
  @Option(name: .long, help: "A recording; the rule is drafted to find some of its orders.") var from: String?
  @Option(
    name: .long,
    help: "Those orders: lines of the recording or hashes of transactions, such as 12,15-18,0x5b….")
  var orders: String?
  @Option(name: .long, help: "The folder of rules; it is made when it is missing.") var rules = "rules"

  func validate() throws {
    if rules.isEmpty { throw ValidationError("--rules is empty: name a folder") }
    if (from == nil) != (orders == nil) {
      throw ValidationError("--from FILE and --orders go together: --from burst.jsonl --orders 12,15-18")
    }
    if from != nil, template != nil { throw ValidationError("--from and --template: choose one") }
    if let orders, Exemplars.Choice(orders) == nil {
      throw ValidationError(
        "--orders \(orders): write lines and hashes of transactions, such as 12,15-18,0x5b…")
    }
  }

  func run() throws {
    if !RuleSources.isRuleID(rule) {
      throw Output.fail(
        "'\(rule)' is no rule's id: a small letter, then small letters, digits and _, 64 at most", .badInput)
    }
    if let template, RuleTemplate(rawValue: template) == nil {
      let known = NearestName.hintOrList(template, of: RuleTemplate.allCases.map(\.rawValue))
      throw Output.fail("there is no template '\(template)'\(known)", .badInput)
    }
    let names = ["\(rule).lua", "\(rule).test.yaml"].map { "\(rules)/\($0)" }
    if let taken = names.first(where: SmallFile.isTaken) {
      throw Output.fail("\(taken) is there already: choose another name, or remove it", .badInput)
    }
    let files = try files()
    var made: [String] = []
    do throws(SmallFile.Failure) {
      for (path, file) in zip(names, files) {
        try SmallFile.write(Array(file.text.utf8), to: path)
        made.append(path)
      }
    } catch {
      // A rule without its test would stand in the way of the next try.
      for path in made { unlink(path) }
      throw Output.fail(error.description, .badInput)
    }
    for path in made { Output.standard.line("made    \(path)") }
  }

  private func files() throws -> [(name: String, text: String)] {
    guard let from, let choice = orders.flatMap({ Exemplars.Choice($0) }) else {
      return (template.flatMap { RuleTemplate(rawValue: $0) } ?? .blank).files(for: rule)
    }
    do {
      return try RuleDraft(rule, from: Exemplars.pick(choice, from: from)).files
    } catch let failure as FeedError {
      throw Output.fail(failure.description, .badInput)
    } catch let failure as Exemplars.Failure {
      throw Output.fail(failure.description, .badInput)
    } catch let problem as PlacedProblem {
      throw Output.fail("\(from): \(problem.message)", .badInput)
    }
  }
}

extension String {
  /// The text with blanks behind it, up to a width.
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}

import ArgumentParser
import Documents
import Feeds
import Glibc
import Journal
import OrderFlow
import Pipeline
import RuleEngine
import RuleKit

/// `betterbot diff`: what a change of the rules does to the signals.
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what a change of the rules does to the signals.",
    discussion: """
      The folder of rules runs beside the running version, over the orders that the journal holds or over \
      recordings: which signals are gone, new, moved or changed, by the line of the rule that decided.

        betterbot diff --last 7d sweep
        betterbot diff fixtures/flow.jsonl.gz --against ../rules-of-yesterday --outcome 1h
        betterbot diff --against rules --param sweep.min_usd=50000 flow.jsonl.gz

      A name that is a rule's is the rule to look at; everything else is a recording. Exit 1: with --exit-code, \
      signals differ.
      """)

  enum Format: String, ExpressibleByArgument { case human, json }

  @OptionGroup var rules: RuleOptions
  @Option(name: .long, help: "The journal: its running version, and its orders when no recording is named.")
  var db = "betterbot.db"
  @Option(
    name: .long, help: "A folder of rules, or a version that the journal keeps, instead of the running one.")
  var against: String?
  @Option(
    name: .customLong("param"), help: "RULE.NAME=VALUE, a parameter of the folder's rules; may be repeated.")
  var parameters: [String] = []
  @Option(name: .long, help: "Only signals of the newest orders of the journal: 12h, 7d.") var last: TimeSpan?
  @Option(name: .long, help: "Show the price so long after each signal: 1h.") var outcome: TimeSpan?
  @Option(name: .long, help: "Show at most so many signals of a group.") var limit = 20
  @Flag(name: .customLong("exit-code"), help: "Exit 1 when signals differ.") var exitCode = false
  @Option(name: .long, help: "human or json.") var format = Format.human
  @Argument(help: "Recordings, and the rule to look at.") var arguments: [String] = []

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit is not negative") }
    if arguments.contains("-") {
      throw ValidationError(
        "a diff reads its inputs twice; standard input can be read once: name plain files")
    }
    if against == "" { throw ValidationError("--against is empty: name a folder or a version") }
    if outcome?.duration == .zero { throw ValidationError("--outcome is a time above 0, such as 1h") }
  }

  func run() throws {
    do {
      try refuseFolders()
      let before = try compared()
      let after = try workingCopy(before)
      let (files, only) = try split(known: Set((before.sources.rules + after.rules).map(\.name)))
      var options = RuleSetDiff.Options()
      options.only = only
      options.horizon = outcome?.milliseconds
      options.forgivesBefore = before.isOfJournal
      let diff = RuleSetDiff(
        before: (before.sources, before.place), after: (after, rules.rules), flow: try flow(files),
        options: options)
      let report = try diff.run()
      show(report)
      if exitCode, report.differs { throw ExitCode.differs }
    } catch let failure as JournalError {
      throw Output.fail(failure.description, .badInput)
    } catch let failure as FeedError {
      throw Output.fail(failure.description, .badInput)
    } catch let failure as RuleFolder.Failure {
      throw Output.fail(failure.description, .badInput)
    } catch let missing as RunningRuleSet.Missing {
      throw Output.fail(missing.description, .badInput)
    } catch let refused as RuleSetDiff.Refused {
      throw report(refused)
    }
  }

  // MARK: What is compared

  private struct Compared {
    var sources: RuleSources
    var place: String
    var isOfJournal: Bool
  }

  /// The rule set that the folder is held against.
  private func compared() throws -> Compared {
    if let against {
      let digits = against.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
      if !digits || access(against, F_OK) == 0 {
        return Compared(sources: try RuleFolder.read(against), place: against, isOfJournal: false)
      }
    }
    if access(db, F_OK) != 0 {
      throw Output.fail(
        "there is no journal \(db), so that there is no running version: "
          + "name what to compare with (--against DIR), or the journal (--db FILE)", .badInput)
    }
    let running = try RunningRuleSet.find(against, in: try JournalReader(path: db))
    return Compared(sources: running.sources, place: running.place, isOfJournal: true)
  }

  /// The folder, with the parameters of the version that runs, as a reload would read it.
  private func workingCopy(_ before: Compared) throws -> RuleSources {
    var sources = try rules.read(parameters: parameters)
    if !before.isOfJournal { return sources }
    for (rule, values) in before.sources.parameters where sources.rules.contains(where: { $0.name == rule }) {
      sources.parameters[rule] = values.merging(sources.parameters[rule] ?? [:]) { _, new in new }
    }
    return sources
  }

  /// The recordings and the rule among the arguments.
  private func split(known: Set<String>) throws -> (files: [String], rule: String?) {
    let names = arguments.filter { RuleSources.isRuleID($0) && (known.contains($0) || access($0, F_OK) != 0) }
    if let unknown = names.first(where: { !known.contains($0) }) {
      let hint = NearestName.hintOrList(unknown, of: known.sorted())
      throw Output.fail("there is no rule \(unknown), and no such file\(hint)", .badInput)
    }
    if names.count > 1 {
      throw Output.fail("one rule at a time: \(names.joined(separator: " and ")) are two", .badInput)
    }
    return (arguments.filter { !names.contains($0) }, names.first)
  }

  /// Folders among the recordings are meant as rules.
  private func refuseFolders() throws {
    for argument in arguments {
      var status = stat()
      guard stat(argument, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
      throw Output.fail(
        "\(argument) is a folder: --rules names the rules that are looked at, --against those that they are "
          + "compared with", .badInput)
    }
  }

  private func flow(_ files: [String]) throws -> DiffFlow {
    if files.isEmpty {
      if access(db, F_OK) != 0 {
        throw Output.fail("no recording is named, and there is no journal \(db): name one of them", .badInput)
      }
      let reader = try JournalReader(path: db)
      guard let newest = try reader.newestClock() else {
        throw Output.fail("\(db) holds no orders: name a recording", .badInput)
      }
      return .journal(reader, since: last.map { newest &- $0.milliseconds })
    }
    if last != nil {
      throw Output.fail("--last is of the journal's orders, and recordings are named", .badInput)
    }
    if try InputSize.total(files) == nil {
      throw Output.fail("a diff reads its inputs twice; a pipe can be read once: name plain files", .badInput)
    }
    return .files(files)
  }

  // MARK: What is said

  private func show(_ report: DiffReport) {
    switch format {
    case .json: Output.standard.write(report.json(limit: limit) + [UInt8(ascii: "\n")])
    case .human:
      for line in report.lines(limit: limit) {
        let severity = line.severity?.coloured(Output.standard.hasColour) ?? ""
        Output.standard.write(
          TerminalText.line(line.lead) + severity + TerminalText.line(line.rest) + "\n")
      }
      if !report.differs { Output.standard.line("no signal differs") }
    }
  }

  private func report(_ refused: RuleSetDiff.Refused) -> ExitCode {
    let folder = refused.side == .after ? rules.rules : against ?? db
    for problem in refused.problems { Output.error.line("\(folder)/\(problem)") }
    let count = refused.problems.count == 1 ? "1 rule does" : "\(refused.problems.count) rules do"
    return Output.fail("\(count) not load; nothing was run", .badRule)
  }
}

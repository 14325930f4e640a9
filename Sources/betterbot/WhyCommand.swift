import ArgumentParser
import Journal
import OrderFlow
import Pipeline
import RuleEngine
import RuleKit

/// `betterbot why`: what a rule did at one event, line by line.
struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why", abstract: "Show why a rule fired, or why it did not.",
    discussion: """
      The event is run again from the journal, through the engine, with the rule as it was; shown are the lines \
      that were executed, the values that were compared, and the windows.

        betterbot why 3f2a91
        betterbot why --not sweep --order 1234
        betterbot why --not sweep --wallet 0x… --market SLUG --at 2026-01-04T19:51:35Z

      Exit 1: the signal does not come out of the journal again.
      """)

  enum Format: String, ExpressibleByArgument { case human, json }

  @OptionGroup var rules: RuleOptions
  @Option(name: .long, help: "The journal.") var db = "betterbot.db"
  @Option(name: .customLong("not"), help: "A rule that did not fire for an order.") var silent: String?
  @Option(name: .long, help: "The order's number in the journal.") var order: Int64?
  @Option(name: .long, help: "A wallet: its newest order in --market at or before --at.") var wallet: String?
  @Option(name: .long, help: "A market's slug.") var market: String?
  @Option(name: .long, help: "A time: 2026-01-04T19:51:35Z, or ms since 1970.") var at: String?
  @Option(name: .customLong("param"), help: "RULE.NAME=VALUE, where the journal does not keep the rules.")
  var parameters: [String] = []
  @Flag(name: .long, help: "Show all orders of a window, not only the newest 20.") var all = false
  @Option(name: .long, help: "human or json.") var format = Format.human
  @Argument(help: "A signal's id, or at least its first six digits.") var signal: String?

  func validate() throws {
    guard let silent else {
      guard let signal else {
        throw ValidationError("name a signal (betterbot why 3f2a91), or a rule and an order with --not")
      }
      let isHex = signal.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
      if !isHex || !(6...32).contains(signal.utf8.count) {
        throw ValidationError("\(signal) is no signal's id: 6 to 32 hexadecimal digits")
      }
      if order != nil || wallet != nil || market != nil || at != nil {
        throw ValidationError("--order, --wallet, --market and --at go with --not RULE")
      }
      return
    }
    if signal != nil { throw ValidationError("name a signal, or --not \(silent) and an order: not both") }
    let place = [wallet, market, at].compactMap { $0 }.count
    if (order == nil) == (place == 0) || (order == nil && place < 3) {
      throw ValidationError("--not RULE goes with --order SEQ, or with --wallet, --market and --at")
    }
    if let at, WhyCommand.time(at) == nil {
      throw ValidationError("--at is a time (2026-01-04T19:51:35Z), or milliseconds since 1970")
    }
  }

  /// ms since 1970; a number is in ms, as in the journal.
  private static func time(_ text: String) -> Int64? { Int64(text) ?? EventTime.parse(text) }

  func run() throws {
    do {
      let reader = try JournalReader(path: db)
      if let silent { try explainSilence(of: silent, reader) } else { try explainSignal(reader) }
    } catch let failure as JournalError {
      throw Output.fail(failure.description, .badInput)
    } catch let failure as RuleFolder.Failure {
      throw Output.fail(failure.description, .badInput)
    } catch let refusal as Engine.Refusal {
      throw rules.report(refusal.problems)
    } catch let missing as EventRerun.Missing {
      throw Output.fail(missing.description, .differs)
    }
  }

  private func explainSignal(_ reader: JournalReader) throws {
    let stored = try reader.signalOfRule(idPrefix: signal ?? "", in: db)
    let past = try PastRules.find(stored.version, in: reader, folder: rules.rules) { try read() }
    let explanation = try Explanation(reader, past, rule: stored.rule, seq: stored.seq)
    let (report, isAgain) = try explanation.signal(stored, shownOrders: all ? .max : 20)
    show(report)
    if !isAgain { throw ExitCode.differs }
  }

  private func explainSilence(of rule: String, _ reader: JournalReader) throws {
    var seq = order
    if seq == nil, let wallet, let market, let time = at.flatMap({ WhyCommand.time($0) }) {
      seq = try reader.newestOrder(user: wallet.lowercased(), market: market, atOrBefore: time)
    }
    guard let seq else {
      throw Output.fail("\(db) holds no order of that wallet in that market up to then", .badInput)
    }
    let past = try PastRules.find(try reader.version(at: seq), in: reader, folder: rules.rules) { try read() }
    let explanation = try Explanation(reader, past, rule: rule, seq: seq)
    show(try explanation.silence(shownOrders: all ? .max : 20))
  }

  private func read() throws -> RuleSources { try rules.read(parameters: parameters) }

  private func show(_ report: WhyReport) {
    switch format {
    case .human: for line in report.lines { Output.standard.line(line) }
    case .json: Output.standard.write(report.json + [UInt8(ascii: "\n")])
    }
  }
}

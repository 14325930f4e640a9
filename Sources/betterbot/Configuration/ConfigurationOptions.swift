import Documents
import ArgumentParser
import Glibc

/// The options of every command that reads the configuration.
struct ConfigurationOptions: ParsableArguments {
  @Option(
    name: .long, help: "The configuration. (default: betterbot.yaml, which need not be there)")
  var config: String?
  @Option(name: .long, help: "The folder of rules. (default: rules)") var rules: String?
  @Option(name: .long, help: "The journal, a SQLite file; made when it is missing. (default: betterbot.db)")
  var db: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "polymarket, dome:URL, file:PATH, or the name of a feed in the configuration; may be repeated.",
      valueName: "feed"))
  var feed: [String] = []
  @Option(name: .long, help: "REST interface of the feed, for what its stream loses; or off.")
  var rest: String?
  @Option(name: .long, help: "How fast a recording is played: 1x, 10x, 0.5x or max.") var speed: String?
  @Flag(name: .long, help: "Play a recording again and again.") var loop = false
  @Option(name: .customLong("param"), help: "RULE.NAME=VALUE, a parameter of a rule; may be repeated.")
  var parameters: [String] = []

  /// Reads the configuration; says what is wrong and ends with 3 when it cannot be used.
  ///
  /// `log` holds `--log-format` and `--log-level`, by key, for the commands that have them.
  func read(log: [String: String] = [:], listen: String? = nil) throws -> Configuration {
    var flags = ConfigurationFlags()
    flags.file = config
    flags.values["rules"] = rules
    flags.values["db"] = db
    flags.log = log
    flags.listen = listen
    flags.feeds = feed
    flags.restURL = rest
    flags.recordings["speed"] = speed
    if loop { flags.recordings["loop"] = "true" }
    flags.parameters = try RuleOptions.parse(parameters)
    do throws(PlacedProblem) {
      return try Configuration.read(flags, environment: ConfigurationOptions.environment)
    } catch {
      throw Output.fail(error.description, .badInput)
    }
  }

  /// The variables of this process.
  static var environment: [String: String] {
    var result: [String: String] = [:]
    var place = environ
    while let text = place.pointee {
      let halves = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if halves.count == 2 { result[String(halves[0])] = String(halves[1]) }
      place += 1
    }
    return result
  }
}

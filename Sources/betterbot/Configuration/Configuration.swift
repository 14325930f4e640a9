import Documents
import Feeds
import Journal
import Pipeline

/// What a live run is told: `betterbot.yaml`, the environment on top, flags on top of both.
struct Configuration: Sendable, Equatable {
  /// The folder of rules.
  var rules = "rules"
  /// The journal.
  var database = "betterbot.db"
  /// What survives what.
  var durability = Durability.full
  /// How far behind the newest order an order may be without being late.
  var lateness: Duration = .seconds(5)
  /// Threads the rules are spread over.
  var threads = 1
  /// What the journal keeps; nil keeps everything.
  var retention: RetentionLimits?
  /// How rules that change during a run come in.
  var reload = ReloadOptions()
  /// What the log tells, and how.
  var log = LogOptions()
  /// The API beside a live run.
  var api = APIConfiguration()
  /// Where `betterbot status` finds the engine; nil: beside the journal.
  var socket: String?
  /// Parameters of rules: rule, then name, then text.
  var parameters: [String: [String: String]] = [:]
  /// Where events come from, in the order of the file.
  var feeds: [FeedSettings] = []

  /// Where the engine listens for the command line.
  var socketPath: String { socket ?? ControlSocket.path(journal: database) }

  /// What the journal keeps.
  struct RetentionLimits: Sendable, Equatable {
    /// Age by event time, behind the newest signal.
    var days: Int?
    /// Rows of each table.
    var rows: Int?
  }

  /// The file that is read when no other is named.
  static let standardFile = "betterbot.yaml"

  /// Reads the file, the environment and the flags.
  ///
  /// A missing file is fine unless it is named. Every error says which file and line, variable or flag it is
  /// about, and never shows a secret.
  static func read(
    _ flags: ConfigurationFlags = ConfigurationFlags(), environment: [String: String]
  ) throws(PlacedProblem) -> Configuration {
    let named = flags.file ?? environment["BETTERBOT_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
    var tree = try ConfigurationFile.read(named ?? standardFile, isRequired: named != nil)
    let quick = try FeedFlags(
      flags.feeds, restURL: flags.restURL, recordings: flags.recordings, file: tree)
    if let feeds = quick.feeds { tree.set(["feeds"], feeds) }
    let rules = flags.values["rules"] ?? environment["BETTERBOT_RULES"]
    let layer = ConfigurationEnvironment(
      environment, ruleNames: ConfigurationFile.ruleNames(rules ?? tree["rules"]?.text ?? "rules"),
      onlyKnownFeeds: quick.feeds != nil)
    try layer.apply(to: &tree)
    try quick.apply(to: &tree)
    for (key, text) in flags.values.sorted(by: { $0.key < $1.key }) {
      tree.set([key], PlacedValue(text, origin: "--\(key)"))
    }
    if let listen = flags.listen {
      tree.set(["api", "listen"], PlacedValue(listen, origin: "--listen"))
    }
    for (key, text) in flags.log {
      tree.set(["log", key], PlacedValue(text, origin: "--log-\(key)"))
    }
    for (rule, values) in flags.parameters {
      for (name, text) in values {
        tree.set(["params", rule, name], PlacedValue(text, origin: "--param \(rule).\(name)"))
      }
    }
    return try ConfigurationReader.configuration(tree)
  }
}

/// What the command line says on top of the file and the environment.
struct ConfigurationFlags: Sendable {
  /// `--config`.
  var file: String?
  /// Values of top-level keys, such as `db`.
  var values: [String: String] = [:]
  /// `--listen`.
  var listen: String?
  /// `--log-format` and `--log-level`, by key.
  var log: [String: String] = [:]
  /// `--param`: rule, then name, then text.
  var parameters: [String: [String: String]] = [:]
  /// `--feed`, in their order.
  var feeds: [String] = []
  /// `--rest`.
  var restURL: String?
  /// `--speed` and `--loop`, by key.
  var recordings: [String: String] = [:]
}

import Journal
import OrderFlow
import RuleEngine

@testable import Pipeline
import Wire

/// A replay over lines of text, with everything it said.
struct Trial {
  var report: ReplayReport
  var signals: [Signal] = []
  var lines: String = ""
  var logs: [String] = []

  /// Runs `rules` (id and text) over an input; stores into `journal` when there is one.
  static func run(
    _ rules: [String: String], over input: String, in workspace: Workspace, journal: Journal? = nil,
    threads: Int = 1, _ change: (inout Replay.Options) -> Void = { _ in }
  ) throws -> Trial {
    let sources = RuleSources(
      rules: rules.map { RuleSources.File(name: $0.key, source: Array($0.value.utf8)) })
    var engineOptions = Engine.Options()
    engineOptions.threads = threads
    let engine = try Engine(sources, options: engineOptions)
    var options = Replay.Options()
    options.inputs = [try workspace.write(input, to: "input.jsonl")]
    options.hashes = true
    change(&options)
    final class Said {
      var signals: [Signal] = []
      var lines: [UInt8] = []
      var logs: [String] = []
    }
    let said = Said()
    let replay = Replay(
      options, engine: engine, journal: journal,
      onSignal: { signal in
        said.signals.append(signal)
        SignalLine.append(signal, to: &said.lines)
      }, onLog: { rule, text in said.logs.append("\(rule): \(text)") })
    let report = try replay.run()
    return Trial(
      report: report, signals: said.signals, lines: String(decoding: said.lines, as: UTF8.self),
      logs: said.logs)
  }
}

extension [Line] {
  /// The lines as a recording.
  var text: String { map { "\($0)\n" }.joined() }
}

import ArgumentParser
import Simulator

/// What goes wrong in `betterbot simulate`.
struct FaultOptions: ParsableArguments {
  @Option(name: .long, help: "A number of faults of all kinds, or KIND=NUMBER with commas between.")
  var faults: String?
  @Option(name: .customLong("duplicate-rate"), help: "The share of orders that are sent twice.")
  var duplicateRate = 0.0
  @Option(name: .customLong("reorder-rate"), help: "The share of orders at which a few are shuffled.")
  var reorderRate = 0.0
  @Option(name: .customLong("rest-error-rate"), help: "The share of REST requests that get 429 or 503.")
  var restErrorRate = 0.0
  @Option(name: .customLong("rest-lag"), help: "The longest time until REST shows an order: 1500ms, 2s.")
  var restLag: TimeSpan?
  @Option(name: .customLong("rest-limit"), help: "NUMBER/10s: more REST requests than that get 429.")
  var restLimit: String?

  func validate() throws {
    for (name, rate) in [
      ("duplicate-rate", duplicateRate), ("reorder-rate", reorderRate), ("rest-error-rate", restErrorRate),
    ] where !(0...1).contains(rate) {
      throw ValidationError("--\(name) is a share from 0 to 1")
    }
    if let restLimit, FaultOptions.limit(restLimit) == nil {
      throw ValidationError("--rest-limit is a number of requests and a time: 200/10s")
    }
  }

  /// Fills in what goes wrong.
  func apply(to options: inout SimulatorOptions) throws {
    if let faults { options.faults = try FaultCounts(parsing: faults) }
    options.duplicateRate = duplicateRate
    options.reorderRate = reorderRate
    options.restErrorRate = restErrorRate
    if let restLag { options.restLag = restLag.duration }
    options.restLimit = restLimit.flatMap(FaultOptions.limit)
  }

  private static func limit(_ text: String) -> SimulatorOptions.RequestLimit? {
    guard let match = text.wholeMatch(of: /(\d{1,6})\/(\d{1,4})s/), let requests = Int(match.1),
      let seconds = Int(match.2), requests > 0, seconds > 0
    else { return nil }
    return SimulatorOptions.RequestLimit(requests: requests, seconds: seconds)
  }
}

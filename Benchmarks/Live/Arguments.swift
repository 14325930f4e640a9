internal import Journal

/// What the program was called with: `[send] [--name value]…`.
struct Arguments {
  var isSender = false
  var isMemory = false
  var isSwaps = false
  var isSubscribers = false
  var isFanOut = false
  var isRequests = false
  /// Of the subscribers' process.
  var port = 0
  /// Seconds of each part of the run with a thousand subscribers.
  var crowdSeconds = 60
  var rates = [5_000, 20_000]
  var durabilities = [Durability.normal, .full]
  var flow = FlowSettings()
  var folder = "Benchmarks/.data/live"
  var rules = "rules"
  /// Orders of the memory run, and those before the run with swaps.
  var orders = 1_000_000
  /// Swaps that change a parameter, and swaps that fill every window anew.
  var swaps = 20
  var rebuilds = 5

  init(_ words: [String]) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "send": isSender = true
      case "subscribe": isSubscribers = true
      case "--fan-out": isFanOut = true
      case "--requests": isRequests = true
      case "--port": port = Arguments.number(&rest) ?? port
      case "--crowd": crowdSeconds = Arguments.number(&rest) ?? crowdSeconds
      case "--probe-every": flow.probeEvery = Arguments.number(&rest) ?? flow.probeEvery
      case "--memory": isMemory = true
      case "--swaps": isSwaps = true
      case "--changes": swaps = Arguments.number(&rest) ?? swaps
      case "--rebuilds": rebuilds = Arguments.number(&rest) ?? rebuilds
      case "--rate":
        flow.rate = Arguments.number(&rest) ?? flow.rate
        rates = [flow.rate]
      case "--seconds": flow.seconds = Arguments.number(&rest) ?? flow.seconds
      case "--count": orders = Arguments.number(&rest) ?? orders
      case "--event-rate": flow.eventRate = Arguments.number(&rest)
      case "--total": flow.total = Arguments.number(&rest)
      case "--durability":
        durabilities = rest.popFirst().flatMap(Durability.init).map { [$0] } ?? durabilities
      case "--rules": rules = rest.popFirst() ?? rules
      case "--folder": folder = rest.popFirst() ?? folder
      default: break
      }
    }
  }

  private static func number(_ rest: inout ArraySlice<String>) -> Int? { rest.popFirst().flatMap { Int($0) } }
}

internal import Journal

/// What the program was called with: `[send] [--name value]…`.
struct Arguments {
  var isSender = false
  var isMemory = false
  var rates = [5_000, 20_000]
  var durabilities = [Durability.normal, .full]
  var flow = FlowSettings()
  var folder = "Benchmarks/.data/live"
  var rules = "rules"
  /// Orders of the memory run.
  var orders = 1_000_000

  init(_ words: [String]) {
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "send": isSender = true
      case "--memory": isMemory = true
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

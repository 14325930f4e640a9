import ArgumentParser
import Simulator

/// What `betterbot simulate` plays, and how fast.
struct FlowOptions: ParsableArguments {
  @Option(name: .long, help: "A recorded file with orders, in any format that replay reads.")
  var input: String?
  @Option(name: .long, help: "Make so many orders up instead.") var generate: Int?
  @Option(name: .long, help: "Decides everything that is left to chance.") var seed: UInt64 = 1
  @Option(name: .long, help: "Orders a second. (default: 100, or --speed)") var rate: Double?
  @Option(name: .long, help: "1x, 10x, 100x: so many times as fast as recorded; max: as fast as it goes.")
  var speed: String?
  @Flag(name: .long, help: "Give every order the second at which it is sent, not the recorded one.")
  var now = false
  @Flag(name: .long, help: "Play it again and again, with fresh transactions and later times.") var loop =
    false
  @Flag(name: .customLong("start-at-once"), help: "Do not wait for somebody to subscribe.")
  var startAtOnce = false
  @Option(name: .long, help: "The share of orders that happen twice, as two true fills: 0.0005.")
  var twins = 0.0

  func validate() throws {
    if (input == nil) == (generate == nil) {
      throw ValidationError("one of --input FILE and --generate NUMBER is needed")
    }
    if rate != nil && speed != nil { throw ValidationError("--rate and --speed: choose one") }
    if let rate, !(rate > 0 && rate <= 10_000_000) { throw ValidationError("--rate is a number above 0") }
    if let speed, FlowOptions.speed(speed) == nil {
      throw ValidationError("--speed is max, or a number with an x: 1x, 10x, 100x")
    }
    if !(0...1).contains(twins) { throw ValidationError("--twins is a share from 0 to 1") }
  }

  /// Where the orders come from.
  func source() throws -> SimulatorOptions.Source {
    if let input { return .file(input) }
    return .generated(generate ?? 0)
  }

  /// Fills in what the flow needs.
  func apply(to options: inout SimulatorOptions) throws {
    options.seed = seed
    if let rate { options.speed = .rate(rate) }
    if let speed = speed.flatMap(FlowOptions.speed) { options.speed = speed }
    options.usesWallTime = now
    options.loops = loop
    options.startsAtOnce = startAtOnce
    options.twinRate = twins
  }

  private static func speed(_ text: String) -> SimulatorOptions.Speed? {
    if text == "max" { return .maximum }
    guard text.hasSuffix("x"), let factor = Double(text.dropLast()), factor > 0, factor <= 1_000_000 else {
      return nil
    }
    return .recorded(factor)
  }
}

import ArgumentParser
import Simulator
import UnixSignals

/// `betterbot simulate`: a venue for tests and demonstrations.
struct SimulateCommand: LongRunningCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate", abstract: "Be a venue: play orders to whoever subscribes.",
    discussion: """
      One port speaks the WebSocket protocols of Dome (path /KEY) and Polymarket RTDS and their REST: \
      /polymarket/orders, /v2/trades, and /simulator/status. The first line on standard output is \
      "listening on HOST:PORT".

      Example: betterbot simulate --input fixtures/flow.jsonl.gz --speed 10x --faults drop=5,freeze=2
      Faults: drop, freeze, expire, duplicate, reorder, delay, cut, garbage, slow, refuse, rest429, rest503.
      """)

  @OptionGroup(title: "Flow") var flow: FlowOptions
  @OptionGroup(title: "Faults") var faults: FaultOptions
  @OptionGroup(title: "Server") var server: ServerOptions

  @MainActor func serve() async throws {
    var options = SimulatorOptions(source: try flow.source())
    do {
      try flow.apply(to: &options)
      try faults.apply(to: &options)
      try server.apply(to: &options)
      // Before anything takes long, so that none is missed.
      let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
      let simulator = try await Simulator.start(options)
      Output.standard.line("listening on \(options.host):\(simulator.port)")
      Output.standard.flush()
      await SimulateCommand.wait(for: simulator, or: signals, exitsWhenDone: server.exitWhenDone)
      await simulator.stop()
      if let failure = simulator.sentFailure() { throw failure }
    } catch let failure as SimulatorError {
      throw Output.fail(failure.description, .badInput)
    }
  }

  /// Waits for the end of the flow, if that ends it, or for a signal.
  private static func wait(
    for simulator: Simulator, or signals: UnixSignalsSequence, exitsWhenDone: Bool
  ) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { for await _ in signals { return } }
      if exitsWhenDone { group.addTask { await simulator.waitUntilFinished() } }
      await group.next()
      group.cancelAll()
      // What waits for the flow cannot be cancelled, and ends when the simulator stops.
      await simulator.stop()
    }
  }
}

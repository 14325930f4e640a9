internal import Foundation
internal import Journal
internal import Logging

/// Measures a live run over loopback: from frame sent to signal committed and handed on.
///
/// `send …` is the other side: the same program in a process of its own.
@main
enum BetterBotLiveBench {
  static func main() async {
    let arguments = Arguments(Array(CommandLine.arguments.dropFirst()))
    if arguments.isSender { exit(Sender(arguments.flow).run()) }
    if arguments.isSubscribers {
      let token = readLine() ?? ""
      guard let subscribers = Subscribers(port: arguments.port, count: arguments.orders, token: token) else {
        print("not connected")
        exit(2)
      }
      subscribers.run()
      return
    }
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = .warning
      return handler
    }
    do {
      try await measure(arguments)
    } catch {
      print("\(error)")
      exit(1)
    }
  }

  private static func measure(_ arguments: Arguments) async throws {
    let folder = try Workplace(arguments.folder)
    defer { folder.remove() }
    Machine.print(folder.path)
    DiskProbe.print(folder.path)
    if arguments.isMemory {
      try await MemoryCase(folder, arguments).run()
      return
    }
    if arguments.isFanOut {
      try await FanOutCase(folder, arguments).run()
      return
    }
    if arguments.isRequests {
      try await RequestsCase(folder, arguments).run()
      return
    }
    if arguments.isSwaps {
      try await SwapCase(folder, arguments).run()
      return
    }
    print(LatencyCase.heading)
    fflush(nil)
    for rate in arguments.rates {
      for durability in arguments.durabilities {
        var flow = arguments.flow
        flow.rate = rate
        try await LatencyCase(folder, flow, durability, arguments.rules).run()
        fflush(nil)
      }
    }
  }
}

import ArgumentParser
import Broadcast
import Journal
import OrderFlow

extension WebhookCommand {
  struct Deliveries: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what waits for a webhook and what was given up, and why.")

    @Argument(help: "Its name.") var name: String
    @Option(name: .long, help: "At most so many of each, the newest first.") var limit = 20
    @OptionGroup var engine: EngineOptions

    func run() throws {
      try engine.read { reader in
        guard let webhook = try reader.webhooks().first(where: { $0.name == name }) else {
          throw Output.fail("there is no webhook of the name \(name)", .badInput)
        }
        let count = try reader.deliveryCounts(of: webhook.id)
        let state = webhook.disabledMilliseconds == nil ? "" : "; it is off: \(webhook.reason ?? "")"
        Output.standard.line("\(webhook.name): \(count.waiting) waiting, \(count.dead) given up\(state)")
        for isDead in [false, true] {
          for delivery in try reader.deliveries(of: webhook.id, isDead: isDead, limit: limit) {
            Output.standard.line(Deliveries.text(delivery))
          }
        }
      }
    }

    private static func text(_ delivery: WebhookDelivery) -> String {
      let when =
        delivery.deadMilliseconds.map { "given up \(EventTime.text($0))" }
        ?? "next \(EventTime.text(delivery.nextMilliseconds))"
      let tries = "\(delivery.attempts) \(delivery.attempts == 1 ? "try" : "tries")"
      let reason = delivery.reason.map { ": \($0)" } ?? ""
      return "\(delivery.id)  signal \(delivery.number)  \(when)  \(tries)\(reason)"
    }
  }
}

import ArgumentParser
import Broadcast
import Journal
import Net
import OrderFlow

/// `betterbot webhook`: who is sent signals over HTTP.
struct WebhookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "webhook", abstract: "Send signals to programs and chats over HTTP.",
    discussion: """
      Deliveries begin in the transaction that stores the signal, and are tried for a day. A running engine takes \
      a change at once; without one it is written into the journal.

      Example: betterbot webhook add - --name desk --severity high <url.txt
      """,
    subcommands: [
      Add.self, List.self, Remove.self, Rotate.self, Pause.self, Resume.self, Deliveries.self, Resend.self,
    ])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the webhooks, of each url the host alone.")

    @OptionGroup var engine: EngineOptions

    func run() throws {
      let webhooks = try engine.read { reader in
        try reader.webhooks().map { ($0, try reader.deliveryCounts(of: $0.id)) }
      }
      if webhooks.isEmpty { Output.standard.line("no webhooks") }
      for (webhook, count) in webhooks {
        let state = webhook.disabledMilliseconds == nil ? "on" : "off (\(webhook.reason ?? "no reason"))"
        Output.standard.line(
          """
          \(webhook.name)  \(webhook.format.rawValue)  \(SafeURL(originOf: webhook.url).text)  \(state)  \
          \(count.waiting) waiting, \(count.dead) given up\(List.filter(webhook))
          """)
      }
    }

    private static func filter(_ webhook: WebhookRecord) -> String {
      let filter = webhook.filter
      var words = [
        ("rule", filter.rule), ("market", filter.market), ("token", filter.token), ("user", filter.user),
      ]
      .compactMap { name, value in value.map { "\(name) \($0)" } }
      if filter.minimumSeverity > .info { words.append("severity \(filter.minimumSeverity.name)") }
      if webhook.allowsPrivate { words.append("private allowed") }
      return words.isEmpty ? "" : "  only " + words.joined(separator: ", ")
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Forget a webhook and what it was to be sent.")

    @Argument(help: "Its name.") var name: String
    @OptionGroup var engine: EngineOptions

    func run() throws { try engine.make(.remove(name)) }
  }

  struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a webhook a new secret, and print it once.",
      discussion: "For a day deliveries are signed with the old secret too.")

    @Argument(help: "Its name.") var name: String
    @OptionGroup var engine: EngineOptions

    func run() throws {
      let secret = WebhookSecret.make()
      try engine.make(.rotate(name, secret: secret))
      Output.standard.line("secret: \(WebhookSecret.text(secret))")
    }
  }

  struct Pause: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send a webhook nothing for now; new signals are not kept for it.")

    @Argument(help: "Its name.") var name: String
    @OptionGroup var engine: EngineOptions

    func run() throws { try engine.make(.pause(name)) }
  }

  struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send a webhook signals again, which was paused, or whose receiver answered 410.")

    @Argument(help: "Its name.") var name: String
    @OptionGroup var engine: EngineOptions

    func run() throws { try engine.make(.resume(name)) }
  }

  struct Resend: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send again what was given up.",
      discussion: "Examples: betterbot webhook resend desk; betterbot webhook resend --delivery 17")

    @Argument(help: "The webhook of which all is sent again.") var name: String?
    @Option(name: .long, help: "One delivery instead, as `webhook deliveries` numbers it.") var delivery:
      Int64?
    @OptionGroup var engine: EngineOptions

    func validate() throws {
      if (name == nil) == (delivery == nil) { throw ValidationError("name a webhook or a delivery") }
    }

    func run() throws {
      if let delivery { return try engine.make(.resendOne(delivery)) }
      if let name { try engine.make(.resend(name)) }
    }
  }
}

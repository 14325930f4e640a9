import ArgumentParser
import Broadcast
import Glibc
import Journal
import OrderFlow

extension WebhookCommand {
  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Add a webhook, and print its secret once.",
      discussion: """
        Urls of chats hold a secret, and anybody on this machine can read a command's arguments: give such a url \
        on standard input (-) or in a file. The folder of the journal must be closed to others (chmod 700).

        Example: betterbot webhook add - --name desk --format slack --severity high <url.txt
        """)

    @Argument(help: "Where to send; - reads it from standard input.") var url: String?
    @Option(name: .long, help: "A file that holds the url.") var urlFile: String?
    @Option(name: .long, help: "What to call it.") var name: String
    @Option(name: .long, help: "json (signed), discord, slack or telegram.") var format = "json"
    @Option(name: .long, help: "Only signals of this rule.") var rule: String?
    @Option(name: .long, help: "Only signals about this market.") var market: String?
    @Option(name: .long, help: "Only signals about this outcome token.") var token: String?
    @Option(name: .long, help: "Only signals about this wallet.") var user: String?
    @Option(name: .long, help: "Only signals at least this severe: info, low, medium, high or critical.")
    var severity = "info"
    @Flag(name: .long, help: "Let the receiver be in the own network, or on this machine.")
    var allowPrivate = false
    @OptionGroup var engine: EngineOptions

    func validate() throws {
      if (url == nil) == (urlFile == nil) { throw ValidationError("give a url, -, or --url-file") }
      if WebhookFormat(rawValue: format) == nil {
        throw ValidationError("--format is one of json, discord, slack, telegram")
      }
      if Severity(name: severity) == nil {
        throw ValidationError("--severity is one of info, low, medium, high, critical")
      }
    }

    func run() throws {
      guard let format = WebhookFormat(rawValue: format), let severity = Severity(name: severity) else {
        return
      }
      let secret = WebhookSecret.make()
      var webhook = WebhookRecord(
        name: name, url: try readURL(), format: format, secret: secret, createdMilliseconds: 0)
      webhook.filter.rule = rule
      webhook.filter.market = market
      webhook.filter.token = token
      webhook.filter.user = user
      webhook.filter.minimumSeverity = severity
      webhook.allowsPrivate = allowPrivate
      if let problem = WebhookEdit.problem(with: webhook) { throw Output.fail(problem, .badInput) }
      try engine.make(.add(webhook), createsJournal: true)
      if format == .json {
        Output.standard.line("secret: \(WebhookSecret.text(secret))")
        Output.standard.line("the receiver checks signatures with it; it is not shown again")
      }
    }

    private func readURL() throws -> String {
      if let url, url != "-" { return url }
      let descriptor = urlFile.map { open($0, O_RDONLY | O_CLOEXEC) } ?? STDIN_FILENO
      defer { if descriptor > STDERR_FILENO { close(descriptor) } }
      var bytes = [UInt8](repeating: 0, count: 4096)
      var count = 0
      while count < bytes.count {
        let room = bytes.count - count
        let more = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress.map { $0 + count }, room) }
        if more < 0 { throw Output.fail("\(urlFile ?? "-"): \(String(cString: strerror(errno)))", .badInput) }
        if more == 0 { break }
        count += more
      }
      return String(String(decoding: bytes[..<count], as: UTF8.self).prefix { !$0.isWhitespace })
    }
  }
}

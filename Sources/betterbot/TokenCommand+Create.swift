import Documents
import ArgumentParser
import Broadcast
import Journal
import OrderFlow

extension TokenCommand {
  /// `betterbot token create`: makes a token, and prints it this once.
  struct Create: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a token and print it, this once: only its hash is kept.",
      discussion: """
        A viewer reads, an operator also changes rules, an admin also webhooks and tokens.

        Example: TOKEN=$(betterbot token create ci --role operator --expires 2026-12-31)
        """)

    @Argument(help: "What to call it: letters, digits, '.', '_' and '-', 64 at most.") var name: String
    @Option(name: .long, help: "viewer, operator or admin.") var role: String
    @Option(
      name: .long,
      help: """
        When it expires: after a time such as 30d or 12h (366d at most), or with a day or time UTC. \
        (default: never)
        """)
    var expires: String?
    @OptionGroup var engine: EngineOptions

    func validate() throws {
      if !AccessToken.isName(name) {
        throw ValidationError("a token's name is 1 to 64 letters, digits, '.', '_' and '-', and no token")
      }
      if Role(rawValue: role) == nil { throw ValidationError("--role is viewer, operator or admin") }
      _ = try end(AccessClock.system.wall())
    }

    func run() throws {
      guard let role = Role(rawValue: role) else { return }
      let now = AccessClock.system.wall()
      let (text, record) = AccessToken.make(name: name, role: role, created: now, expires: try end(now))
      _ = try TokenCommand.change(.add(record), engine, needsJournal: false)
      Output.standard.write(text + "\n")
      let end = record.expiresMilliseconds.map { "expires \(EventTime.text($0)) UTC" } ?? "never expires"
      Output.error.line(
        "betterbot: token \(record.id) (\(name), \(role.rawValue)) \(end); it is shown this once")
    }

    /// When it expires, ms since 1970 UTC; nil: never.
    private func end(_ now: Int64) throws -> Int64? {
      guard let expires else { return nil }
      if let duration = DurationText.parse(expires) {
        let (seconds, attoseconds) = duration.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        if milliseconds > 0 { return now + milliseconds }
      } else if let time = EventTime.parse(expires), time > now {
        return time
      }
      throw ValidationError(
        "--expires is a time from now such as 30d (366d at most), or a day or time to come: 2026-12-31")
    }
  }
}

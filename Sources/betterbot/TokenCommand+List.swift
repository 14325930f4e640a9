import ArgumentParser
import Broadcast
import Journal
import OrderFlow
import Pipeline

extension TokenCommand {
  /// `betterbot token list`: the tokens without their secrets.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the tokens, the oldest first; never the secrets.")

    @OptionGroup var engine: EngineOptions

    func run() throws {
      let now = AccessClock.system.wall()
      let (_, database) = try engine.socket()
      let tokens: [TokenRecord]
      do throws(JournalError) {
        tokens = try JournalReader(path: database).tokens()
      } catch {
        throw Output.fail(error.description, .badInput)
      }
      if tokens.isEmpty {
        Output.standard.write("no tokens\n")
        return
      }
      var table = TextTable(["ID", "NAME", "ROLE", "CREATED", "EXPIRES", "STATE"])
      for token in tokens {
        let state =
          token.revokedMilliseconds.map { "revoked \(EventTime.text($0))" }
          ?? (token.isLive(at: now) ? "live" : "expired")
        table.add([
          token.id, token.name, token.role, EventTime.text(token.createdMilliseconds),
          token.expiresMilliseconds.map { EventTime.text($0) } ?? "never", state,
        ])
      }
      for line in table.lines { Output.standard.write(line + "\n") }
    }
  }
}

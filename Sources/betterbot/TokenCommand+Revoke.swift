import ArgumentParser
import Broadcast

extension TokenCommand {
  /// `betterbot token revoke`: whoever has the token is let in no more.
  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "revoke", abstract: "Revoke a token; connections that use it end within seconds.")

    @Argument(help: ArgumentHelp("The token's id or name.", valueName: "id-or-name")) var which: String
    @OptionGroup var engine: EngineOptions

    func validate() throws {
      if AccessToken.id(of: which) == nil, !AccessToken.isName(which) {
        throw ValidationError("name a token by its id or its name; betterbot token list shows them")
      }
    }

    func run() throws {
      // Who gives the whole token means it; its secret goes nowhere.
      let edit = TokenEdit.revoke(AccessToken.id(of: which) ?? which, at: AccessClock.system.wall())
      Output.standard.line(try TokenCommand.change(edit, engine, needsJournal: true))
    }
  }
}

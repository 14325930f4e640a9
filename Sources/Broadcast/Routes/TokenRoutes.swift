import Hummingbird
import Journal
import Wire

/// The tokens that there are. None is made here: its text would have to travel.
struct TokenRoutes: Sendable {
  let readers: StoreReaders
  let host: any EngineHost
  /// Has the gate read again which tokens there are.
  let refresh: @Sendable () async -> Void

  var routes: [Route] {
    [
      Route(.get, "/v1/tokens", .admin) { _, _ in try await list() },
      Route(.delete, "/v1/tokens/{id}", .admin) { _, context in
        try await revoke(try context.parameters.require("id"))
      },
    ]
  }

  private func list() async throws -> Response {
    let tokens = try await readers.read { try $0.tokens() }
    return .json {
      $0.object {
        $0.key("tokens")
        $0.array { list in for token in tokens { TokenRoutes.write(token, &list) } }
      }
    }
  }

  /// One that was revoked before stays what it is.
  private func revoke(_ id: String) async throws -> Response {
    guard AccessToken.isID(id) else {
      throw Problem.badRequest("the id of a token is 8 of the letters a to z and the digits 2 to 7")
    }
    let now = AccessClock.system.wall()
    let token = try await host.change { journal throws(JournalError) -> TokenRecord? in
      guard let token = try journal.tokens().first(where: { $0.id == id }) else { return nil }
      guard case .done(let revoked) = try TokenEdit.revoke(id, at: now).apply(to: journal) else {
        return token
      }
      return revoked
    }
    guard let token else { throw Problem.notFound("there is no token with this id") }
    await refresh()
    return .json { TokenRoutes.write(token, &$0) }
  }

  private static func write(_ token: TokenRecord, _ writer: inout JSONWriter) {
    writer.object {
      $0.member("id", token.id)
      $0.member("name", token.name)
      $0.member("role", token.role)
      $0.member("created", token.createdMilliseconds)
      $0.member("expires", token.expiresMilliseconds)
      $0.member("revoked", token.revokedMilliseconds)
    }
  }
}

import Net
public import Journal

/// A change of the tokens, small enough for a line of the control socket. No secret is in it.
public enum TokenEdit: Equatable, Sendable {
  /// Makes a token known.
  case add(TokenRecord)
  /// Revokes the token with this id, or the live one with this name; `at` is ms since 1970 UTC.
  case revoke(String, at: Int64)

  /// What became of it.
  public enum Outcome: Equatable, Sendable {
    /// It is so now.
    case done(TokenRecord)
    /// It cannot be; one sentence says why.
    case refused(String)

    /// One sentence for people.
    public var text: String {
      switch self {
      case .done(let token):
        let what = token.revokedMilliseconds == nil ? "is known now" : "is revoked"
        return "token \(token.id) (\(token.name), \(token.role)) \(what)"
      case .refused(let reason): return reason
      }
    }
  }

  /// Most tokens that are good at the same time.
  public static let mostLive = 1000
  /// Tokens that are kept for the list after their end.
  static let mostDead = 1000

  // MARK: As a line

  /// `token add ID NAME ROLE HASH CREATED EXPIRES` or `token revoke WHICH AT`.
  public var line: String {
    switch self {
    case .add(let token):
      let expires = token.expiresMilliseconds.map { String($0) } ?? "-"
      return "token add \(token.id) \(token.name) \(token.role) \(Base64URL.encode(token.hash)) "
        + "\(token.createdMilliseconds) \(expires)"
    case .revoke(let which, let time): return "token revoke \(which) \(time)"
    }
  }

  /// What `line` wrote; nil for anything else.
  public init?(line: String) {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    if words.count == 4, words[0] == "token", words[1] == "revoke" {
      guard AccessToken.isName(words[2]), let time = Int64(words[3]) else { return nil }
      self = .revoke(words[2], at: time)
      return
    }
    guard words.count == 8, words[0] == "token", words[1] == "add", AccessToken.isID(words[2]),
      AccessToken.isName(words[3]), Role(rawValue: words[4]) != nil,
      let hash = Base64URL.decode(Array(words[5].utf8)), hash.count == 32, let created = Int64(words[6])
    else { return nil }
    let expires = Int64(words[7])
    if expires == nil, words[7] != "-" { return nil }
    self = .add(
      TokenRecord(
        id: words[2], name: words[3], role: words[4], hash: hash, createdMilliseconds: created,
        expiresMilliseconds: expires))
  }

  // MARK: In the journal

  /// Writes it; the caller commits. A refusal has written nothing.
  public func apply(to journal: Journal) throws(JournalError) -> Outcome {
    let tokens = try journal.tokens()
    switch self {
    case .add(let token):
      let live = tokens.filter { $0.isLive(at: token.createdMilliseconds) }
      if live.contains(where: { $0.name == token.name }) {
        return .refused("there is a token named \(token.name) already; revoke it, or choose another name")
      }
      if tokens.contains(where: { $0.id == token.id || $0.id == token.name || $0.name == token.id }) {
        return .refused("the name or the id is taken by another token; choose another name, or try again")
      }
      if live.count >= TokenEdit.mostLive {
        return .refused("there are \(live.count) tokens, the most there may be; revoke some first")
      }
      try journal.append(token: token)
      try journal.dropDeadTokens(at: token.createdMilliseconds, keeping: TokenEdit.mostDead)
      return .done(token)
    case .revoke(let which, let time):
      guard
        var token = tokens.first(where: { $0.id == which })
          ?? tokens.first(where: { $0.name == which && $0.isLive(at: time) })
      else { return .refused("there is no token \(which); betterbot token list shows them") }
      if token.revokedMilliseconds != nil { return .refused("token \(token.id) has been revoked before") }
      try journal.revoke(token: token.id, at: time)
      token.revokedMilliseconds = time
      return .done(token)
    }
  }
}

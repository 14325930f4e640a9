public import Journal
import Synchronization

/// The tokens that are known now; replaced as a whole whenever one was made or revoked.
public final class TokenTable: CredentialSource {
  private struct Entry {
    var record: TokenRecord
    var role: Role
  }

  /// What a text is worth. Outside all but the first are the same.
  enum Finding {
    case valid(Caller)
    case malformed
    case unknown
    case wrong
    case expired
    case revoked
  }

  private let entries: Mutex<[String: Entry]>

  /// Knows these tokens.
  public init(_ records: [TokenRecord] = []) { entries = Mutex(TokenTable.index(records)) }

  /// Knows these tokens and no others from here on.
  public func replace(with records: [TokenRecord]) {
    let index = TokenTable.index(records)
    entries.withLock { $0 = index }
  }

  /// A role that this program does not know lets nobody in.
  private static func index(_ records: [TokenRecord]) -> [String: Entry] {
    var index: [String: Entry] = [:]
    for record in records {
      if let role = Role(rawValue: record.role) { index[record.id] = Entry(record: record, role: role) }
    }
    return index
  }

  /// Who has this token; nil when it is none, or not good at `now` (ms since 1970 UTC).
  public func verify(bearer: String, now: Int64) -> Caller? {
    if case .valid(let caller) = look(bearer, now: now) { return caller }
    return nil
  }

  func look(_ bearer: String, now: Int64) -> Finding {
    guard let token = AccessToken.parse(bearer) else { return .malformed }
    let entry = entries.withLock { $0[token.id] }
    // Unknown ids go the same way, so that the time taken does not tell which ids there are.
    let isRight = ConstantTime.equal(entry?.record.hash ?? TokenTable.nobody, token.hash)
    guard let entry else { return .unknown }
    if !isRight { return .wrong }
    if entry.record.revokedMilliseconds != nil { return .revoked }
    guard entry.record.isLive(at: now) else { return .expired }
    return .valid(
      Caller(
        id: "token:\(token.id)", name: entry.record.name, role: entry.role,
        expires: entry.record.expiresMilliseconds, proof: token.id, source: self))
  }

  /// No secret has this hash.
  private static let nobody = [UInt8](repeating: 0, count: 32)

  func stillHolds(_ caller: Caller) -> Bool {
    entries.withLock { entries in
      guard let entry = entries[caller.proof] else { return false }
      return entry.record.revokedMilliseconds == nil && entry.role == caller.role
    }
  }
}

/// A token of the API, as the journal keeps it: its hash, and nothing that would let anybody in.
public struct TokenRecord: Equatable, Sendable {
  /// The part of the token that may be shown.
  public var id: String
  /// What people call it; one live token has it at most.
  public var name: String
  /// The name of its role.
  public var role: String
  /// SHA-256 of its secret part: 32 bytes.
  public var hash: [UInt8]
  /// When it was made, ms since 1970 UTC.
  public var createdMilliseconds: Int64
  /// From when on it is refused, ms since 1970 UTC; nil: never.
  public var expiresMilliseconds: Int64?
  /// When it was revoked, ms since 1970 UTC; nil: it was not.
  public var revokedMilliseconds: Int64?

  /// Everything about one token.
  public init(
    id: String, name: String, role: String, hash: [UInt8], createdMilliseconds: Int64,
    expiresMilliseconds: Int64? = nil, revokedMilliseconds: Int64? = nil
  ) {
    self.id = id
    self.name = name
    self.role = role
    self.hash = hash
    self.createdMilliseconds = createdMilliseconds
    self.expiresMilliseconds = expiresMilliseconds
    self.revokedMilliseconds = revokedMilliseconds
  }

  /// Whether it lets anybody in at a time, ms since 1970 UTC.
  public func isLive(at time: Int64) -> Bool {
    revokedMilliseconds == nil && expiresMilliseconds.map { time < $0 } ?? true
  }

  static let query = """
    SELECT id, name, role, hash, created_ms, expires_ms, revoked_ms FROM tokens ORDER BY created_ms, id
    """

  /// The rows of `query`.
  static func all(_ query: Statement) throws(JournalError) -> [TokenRecord] {
    var records: [TokenRecord] = []
    while try query.step() {
      records.append(
        TokenRecord(
          id: query.text(0) ?? "", name: query.text(1) ?? "", role: query.text(2) ?? "", hash: query.blob(3),
          createdMilliseconds: query.integer(4),
          expiresMilliseconds: query.isNull(5) ? nil : query.integer(5),
          revokedMilliseconds: query.isNull(6) ? nil : query.integer(6)))
    }
    return records
  }
}

// Tokens change by hand and seldom, so the statements are prepared when they are needed.
extension Journal {
  /// Keeps a new token.
  /// - Throws: `JournalError` with `misuse` when the hash has not 32 bytes, and for an id that is there already.
  public func append(token: TokenRecord) throws(JournalError) {
    if token.hash.count != 32 {
      throw JournalError(
        code: .misuse, file: path,
        message: "the hash of token \(token.id) has \(token.hash.count) bytes; SHA-256 has 32")
    }
    let insert = try writing().connection.prepare(
      """
      INSERT INTO tokens (id, name, role, hash, created_ms, expires_ms, revoked_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      """)
    insert.bind(token.id)
    insert.bind(token.name)
    insert.bind(token.role)
    insert.bind(blob: token.hash)
    insert.bind(token.createdMilliseconds)
    insert.bind(token.expiresMilliseconds)
    insert.bind(token.revokedMilliseconds)
    try perform(insert)
  }

  /// Revokes a token by its id; false when there is none, or it has been revoked before.
  @discardableResult
  public func revoke(token id: String, at time: Int64) throws(JournalError) -> Bool {
    let connection = try writing().connection
    let update = try connection.prepare(
      "UPDATE tokens SET revoked_ms = ?2 WHERE id = ?1 AND revoked_ms IS NULL")
    update.bind(id)
    update.bind(time)
    try perform(update)
    return connection.changes > 0
  }

  /// All tokens, the oldest first, those that let nobody in any more included.
  public func tokens() throws(JournalError) -> [TokenRecord] {
    try TokenRecord.all(try usable().connection.prepare(TokenRecord.query))
  }

  /// Forgets tokens that are revoked or expired at a time (ms since 1970 UTC), but the newest so many.
  public func dropDeadTokens(at time: Int64, keeping count: Int) throws(JournalError) {
    let delete = try writing().connection.prepare(
      """
      DELETE FROM tokens WHERE id IN (
        SELECT id FROM tokens WHERE revoked_ms IS NOT NULL OR expires_ms <= ?
        ORDER BY created_ms DESC, id LIMIT -1 OFFSET ?)
      """)
    delete.bind(time)
    delete.bind(Int64(max(count, 0)))
    try perform(delete)
  }
}

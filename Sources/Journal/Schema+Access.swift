extension Schema {
  /// Who may use the API. Of a token only its hash is here; `id` is the part of it that may be shown.
  static let createAccess = """
    CREATE TABLE tokens (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL, role TEXT NOT NULL, hash BLOB NOT NULL,
      created_ms INTEGER NOT NULL, expires_ms INTEGER, revoked_ms INTEGER
    ) STRICT, WITHOUT ROWID;

    """
}

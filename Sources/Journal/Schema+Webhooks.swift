extension Schema {
  /// Who is sent signals, and what is still to be sent.
  ///
  /// A row of `outbox` comes into being in the transaction of its signal, and goes when it was delivered. `signal`
  /// is the signal's number. No id is given twice, as results of deliveries come later. Filters that are NULL let
  /// everything pass; `severity` is the least that passes.
  static let createWebhooks = """
    CREATE TABLE webhooks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE, url TEXT NOT NULL, format TEXT NOT NULL,
      rule TEXT, market TEXT, token TEXT, user TEXT, severity INTEGER NOT NULL,
      secret BLOB NOT NULL, previous_secret BLOB, previous_until_ms INTEGER,
      allows_private INTEGER NOT NULL,
      created_ms INTEGER NOT NULL, disabled_ms INTEGER, reason TEXT
    ) STRICT;
    CREATE TABLE outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      webhook INTEGER NOT NULL, signal INTEGER NOT NULL,
      created_ms INTEGER NOT NULL, attempts INTEGER NOT NULL, next_ms INTEGER NOT NULL,
      dead_ms INTEGER, status INTEGER, reason TEXT,
      UNIQUE (webhook, signal)
    ) STRICT;
    CREATE INDEX outbox_waiting ON outbox (webhook, next_ms) WHERE dead_ms IS NULL;
    CREATE INDEX outbox_dead ON outbox (dead_ms) WHERE dead_ms IS NOT NULL;

    """
}

/// The tables of a journal, as numbered steps that lead from an empty file to the present layout.
///
/// A step that has shipped is never edited; a change of layout is a new step at the end.
enum Schema {
  /// `BBOT`: marks a file as a journal, in SQLite's `application_id`.
  static let applicationID: Int64 = 0x4242_4f54

  /// Step k (from 1) brings a file from `user_version` k - 1 to k.
  static let steps = [
    createEvents + createSignals + createRules + createNotices + createMeta + createSignalRows,
    extendForFeeds,
    extendForReloads,
    createAccess + createWebhooks,
  ]

  /// Absent texts are NULL; `price`, `shares` and `usd` are millionths, `t` is ms since 1970 UTC.
  private static let createEvents = """
    CREATE TABLE events (
      seq INTEGER PRIMARY KEY,
      identity BLOB NOT NULL UNIQUE,
      t INTEGER NOT NULL,
      venue TEXT NOT NULL,
      user TEXT, taker TEXT, role TEXT,
      side TEXT NOT NULL,
      token_id TEXT, token_label TEXT, market_slug TEXT, condition_id TEXT, title TEXT,
      price INTEGER NOT NULL, shares INTEGER NOT NULL, usd INTEGER NOT NULL,
      tx_hash TEXT, order_hash TEXT, block_number INTEGER, log_index INTEGER,
      twin INTEGER NOT NULL, late INTEGER NOT NULL
    ) STRICT;

    """

  /// `n` counts up for ever: it is what a subscriber resumes from. `id` has half the size of its text form,
  /// which `signal_rows` shows: its index is the dearest part of storing a signal.
  private static let createSignals = """
    CREATE TABLE signals (
      n INTEGER PRIMARY KEY,
      id BLOB NOT NULL UNIQUE,
      rule TEXT NOT NULL, version TEXT NOT NULL,
      seq INTEGER NOT NULL, t INTEGER NOT NULL,
      severity TEXT NOT NULL, title TEXT NOT NULL, key TEXT NOT NULL,
      market TEXT, token TEXT, side TEXT, user TEXT,
      confidence REAL, action TEXT, data TEXT,
      fold_count INTEGER NOT NULL, evidence TEXT,
      late INTEGER NOT NULL, has_order INTEGER NOT NULL
    ) STRICT;

    """

  private static let createRules = """
    CREATE TABLE rule_state (
      rule TEXT PRIMARY KEY,
      version TEXT NOT NULL, seq INTEGER NOT NULL,
      state BLOB NOT NULL, dedup BLOB NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE versions (
      version TEXT PRIMARY KEY,
      first_seq INTEGER NOT NULL, created_ms INTEGER NOT NULL,
      outcome TEXT NOT NULL, rules INTEGER NOT NULL, reason TEXT
    ) STRICT, WITHOUT ROWID;

    """

  private static let createNotices = """
    CREATE TABLE dead_letters (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL, line INTEGER NOT NULL, offset INTEGER NOT NULL,
      reason TEXT NOT NULL, text BLOB NOT NULL,
      UNIQUE (source, line, offset, reason)
    ) STRICT;
    CREATE TABLE failures (
      id INTEGER PRIMARY KEY,
      rule TEXT NOT NULL, version TEXT NOT NULL, seq INTEGER NOT NULL,
      kind TEXT NOT NULL, hook TEXT NOT NULL, message TEXT NOT NULL, trace TEXT NOT NULL,
      order_ref TEXT,
      UNIQUE (rule, version, seq, hook, message)
    ) STRICT;
    CREATE TABLE gaps (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL, from_t INTEGER NOT NULL, to_t INTEGER NOT NULL,
      backfilled INTEGER NOT NULL,
      UNIQUE (source, from_t)
    ) STRICT;

    """

  private static let createMeta = """
    CREATE TABLE runs (
      identity BLOB PRIMARY KEY,
      base INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE meta (
      key TEXT PRIMARY KEY,
      value ANY
    ) STRICT, WITHOUT ROWID;

    """

  private static let createSignalRows = """
    CREATE VIEW signal_rows AS SELECT
      \(SignalRows.selection(SignalRows.firstColumns))
      \(SignalRows.source);
    """

  /// What live feeds need: where an order came from, the clock between orders, and how far a feed was read.
  ///
  /// `ticks` and `events` share the numbers. `sources` holds one row a feed, so that a start never has to
  /// search the events for the newest of a feed.
  private static let extendForFeeds = """
    ALTER TABLE events ADD COLUMN source TEXT;
    ALTER TABLE events ADD COLUMN origin TEXT;
    ALTER TABLE rule_state ADD COLUMN failures TEXT NOT NULL DEFAULT '';
    CREATE TABLE ticks (
      seq INTEGER PRIMARY KEY,
      t INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE marks (
      seq INTEGER PRIMARY KEY,
      clock INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX marks_by_clock ON marks (clock);
    CREATE TABLE sources (
      name TEXT PRIMARY KEY,
      newest_t INTEGER, audited_t INTEGER
    ) STRICT, WITHOUT ROWID;

    """

  /// What changes of the rule set need, and gaps as events.
  ///
  /// `gap_events` shares the numbers of `events` and `ticks`; `gaps` tells what became of each. A row of
  /// `reloads` is never changed, while `versions` has the latest outcome. `files` holds each text of a rule
  /// once, however many versions have it.
  private static let extendForReloads = """
    ALTER TABLE signals ADD COLUMN warming INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE signals ADD COLUMN data_gap INTEGER NOT NULL DEFAULT 0;
    DROP VIEW signal_rows;
    CREATE VIEW signal_rows AS SELECT
      \(SignalRows.selection(SignalRows.columns))
      \(SignalRows.source);
    ALTER TABLE rule_state ADD COLUMN state_version INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE rule_state ADD COLUMN warming_until INTEGER;
    ALTER TABLE rule_state ADD COLUMN windows TEXT NOT NULL DEFAULT '';
    ALTER TABLE rule_state ADD COLUMN removed_ms INTEGER;
    CREATE TABLE reloads (
      id INTEGER PRIMARY KEY,
      version TEXT NOT NULL, previous TEXT,
      seq INTEGER NOT NULL, created_ms INTEGER NOT NULL,
      outcome TEXT NOT NULL, reason TEXT
    ) STRICT;
    CREATE TABLE version_files (
      version TEXT NOT NULL, path TEXT NOT NULL, hash BLOB NOT NULL,
      PRIMARY KEY (version, path)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE files (
      hash BLOB PRIMARY KEY,
      bytes BLOB NOT NULL
    ) STRICT;
    CREATE TABLE gap_events (
      seq INTEGER PRIMARY KEY,
      source TEXT NOT NULL, from_t INTEGER NOT NULL, to_t INTEGER NOT NULL,
      backfilled INTEGER NOT NULL
    ) STRICT;

    """

  /// What only retention looks things up by; the first retention step makes them.
  ///
  /// A journal that is only ever replayed into does without, and stores a signal a fifth faster.
  static let retentionIndexes = """
    CREATE INDEX IF NOT EXISTS events_by_time ON events (t);
    CREATE INDEX IF NOT EXISTS signals_by_time ON signals (t);
    CREATE INDEX IF NOT EXISTS signals_by_event ON signals (seq);
    CREATE INDEX IF NOT EXISTS ticks_by_time ON ticks (t);
    CREATE INDEX IF NOT EXISTS gap_events_by_time ON gap_events (to_t);
    """
}

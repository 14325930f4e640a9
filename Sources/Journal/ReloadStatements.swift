/// The statements that changes of the rule set need, prepared once.
final class ReloadStatements {
  let insertReload, reloads, lastRun, versionsRun, dropRejected: Statement
  let stateRules, markRemoved, markRunning, dropRemoved: Statement
  let dropVersionFiles, insertFile, insertVersionFile, versionFiles: Statement
  let fileVersions, dropUnusedFiles: Statement

  static let reloadsQuery = """
    SELECT version, previous, seq, created_ms, outcome, reason FROM reloads ORDER BY id DESC LIMIT ?
    """
  static let versionsRunQuery = """
    SELECT version FROM reloads WHERE outcome != 'rejected' GROUP BY version ORDER BY max(id) DESC LIMIT ?
    """
  static let versionFilesQuery = """
    SELECT v.path, f.bytes, v.hash FROM version_files v LEFT JOIN files f ON f.hash = v.hash
    WHERE v.version = ? ORDER BY v.path
    """

  init(_ connection: Connection) throws(JournalError) {
    insertReload = try connection.prepare(
      """
      INSERT INTO reloads (version, previous, seq, created_ms, outcome, reason)
      VALUES (?, ?, ?, ?, ?, ?)
      """)
    reloads = try connection.prepare(ReloadStatements.reloadsQuery)
    lastRun = try connection.prepare(
      """
      SELECT version, previous, seq, created_ms, outcome, reason FROM reloads
      WHERE outcome NOT IN ('rejected', 'resumed') ORDER BY id DESC LIMIT 1
      """)
    versionsRun = try connection.prepare(ReloadStatements.versionsRunQuery)
    dropRejected = try connection.prepare(
      """
      DELETE FROM versions WHERE outcome = 'rejected' AND version NOT IN (
        SELECT version FROM versions WHERE outcome = 'rejected' ORDER BY created_ms DESC, version LIMIT ?)
      """)
    stateRules = try connection.prepare("SELECT rule FROM rule_state")
    markRemoved = try connection.prepare(
      "UPDATE rule_state SET removed_ms = ?2 WHERE rule = ?1 AND removed_ms IS NULL")
    markRunning = try connection.prepare(
      "UPDATE rule_state SET removed_ms = NULL WHERE rule = ? AND removed_ms IS NOT NULL")
    dropRemoved = try connection.prepare("DELETE FROM rule_state WHERE removed_ms < ?")
    dropVersionFiles = try connection.prepare("DELETE FROM version_files WHERE version = ?")
    insertFile = try connection.prepare(
      "INSERT INTO files (hash, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING")
    insertVersionFile = try connection.prepare(
      "INSERT OR REPLACE INTO version_files (version, path, hash) VALUES (?, ?, ?)")
    versionFiles = try connection.prepare(ReloadStatements.versionFilesQuery)
    fileVersions = try connection.prepare("SELECT DISTINCT version FROM version_files")
    dropUnusedFiles = try connection.prepare(
      "DELETE FROM files WHERE hash NOT IN (SELECT hash FROM version_files)")
  }
}

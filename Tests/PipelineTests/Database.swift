@testable import Journal

/// A look into a journal with SQL.
struct Database {
  private let connection: Connection

  init(_ path: String) throws {
    let openReadWrite: Int32 = 2
    connection = try Connection(FileClaim(reading: path), flags: openReadWrite)
  }

  func count(_ sql: String) throws -> Int { Int(try connection.integer(sql)) }

  func run(_ sql: String) throws { try connection.execute(sql) }

  func text(_ sql: String) throws -> String { try connection.text(sql) ?? "NULL" }

  /// Every row of a table that makes up what happened, in an order that does not depend on rowids.
  func dump() throws -> String {
    let tables = [
      ("events", "hex(identity), seq, t, user, side, token_id, price, shares, usd, late"),
      ("signals", "n, hex(id), rule, version, seq, t, severity, title, key, data, fold_count, evidence"),
      ("dead_letters", "source, line, offset, reason, hex(text)"), ("failures", "rule, seq, hook, message"),
      ("rule_state", "rule, version, seq, hex(state), hex(dedup)"), ("runs", "hex(identity), base"),
    ]
    return try tables.map { table, columns in
      let row = columns.split(separator: ", ").map { "quote(\($0))" }.joined(separator: "||'|'||")
      return try text(
        "SELECT '\(table): '||coalesce(group_concat(r, char(10)), '') "
          + "FROM (SELECT \(row) AS r FROM \(table) ORDER BY 1)"
      )
    }.joined(separator: "\n")
  }
}

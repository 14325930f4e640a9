@testable import Journal

/// A look into a journal with SQL.
struct Database {
  private let connection: Connection

  init(_ path: String) throws {
    let openReadWrite: Int32 = 2
    connection = try Connection(FileClaim(reading: path), flags: openReadWrite)
  }

  func count(_ sql: String) throws -> Int { Int(try connection.integer(sql)) }

  func text(_ sql: String) throws -> String { try connection.text(sql) ?? "NULL" }

  func run(_ sql: String) throws { try connection.execute(sql) }
}

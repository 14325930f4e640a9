import ArgumentParser
import Glibc
import Journal

/// Settings from the environment.
enum Settings {
  /// `BETTERBOT_DURABILITY`: `full` (default) or `normal`.
  static func durability() throws -> Durability {
    guard let text = value("BETTERBOT_DURABILITY") else { return .full }
    if let durability = Durability(rawValue: text) { return durability }
    throw Output.fail("BETTERBOT_DURABILITY is full or normal, not \(text)", .badInput)
  }

  /// Applies `BETTERBOT_RETENTION_DAYS` (age by event time, behind the newest signal) and
  /// `BETTERBOT_RETENTION_ROWS`, in small transactions; nothing happens when neither is set.
  static func prune(_ journal: Journal) throws {
    let days = try number("BETTERBOT_RETENTION_DAYS")
    let rows = try number("BETTERBOT_RETENTION_ROWS")
    if days == nil && rows == nil { return }
    let newest = try journal.newestTime()
    let cutoff = days.flatMap { days in newest.map { $0 - Int64(days) * 86_400_000 } }
    while try journal.prune(olderThan: cutoff, maximumRows: rows) > 0 {}
  }

  private static func number(_ name: String) throws -> Int? {
    guard let text = value(name) else { return nil }
    if let number = Int(text), number >= 0, number < 1_000_000_000 { return number }
    throw Output.fail("\(name) is a whole number, not \(text)", .badInput)
  }

  private static func value(_ name: String) -> String? {
    guard let text = getenv(name) else { return nil }
    return text.pointee == 0 ? nil : String(cString: text)
  }
}

import Net
import Crypto
import Synchronization

/// Tickets: what a browser shows where it cannot send a header. Each lets its caller in once, within 30 s.
///
/// They live in memory, as hashes, and end with the process.
public final class TicketBox: Sendable {
  /// How long a ticket is good, ms.
  public static let lifeMilliseconds: Int64 = 30_000
  /// Most tickets that are out at the same time.
  static let mostTickets = 1024
  /// Most of them for one caller.
  static let mostPerCaller = 16

  /// What asking for a ticket leads to.
  public enum Answer: Sendable, Equatable {
    /// A ticket; it is shown once.
    case issued(String)
    /// Too many are out; some will have expired after so many seconds, 1 at least.
    case refused(retryAfter: Int)
  }

  private struct Entry {
    var caller: Caller
    var expires: Int64
  }

  private let entries = Mutex<[[UInt8]: Entry]>([:])

  /// An empty box.
  public init() {}

  /// Makes a ticket for a caller; `now` is ms since 1970 UTC.
  public func issue(for caller: Caller, now: Int64) -> Answer {
    let text = Base64URL.encode(RandomBytes.make(32))
    let hash = TicketBox.hash(text)
    return entries.withLock { entries in
      // A clock that was set back must not make tickets last.
      entries = entries.filter {
        now < $0.value.expires && $0.value.expires <= now + TicketBox.lifeMilliseconds
      }
      let own = entries.values.filter { $0.caller.id == caller.id }
      let full = own.count >= TicketBox.mostPerCaller ? own : Array(entries.values)
      if own.count >= TicketBox.mostPerCaller || entries.count >= TicketBox.mostTickets {
        let first = full.map(\.expires).min() ?? now
        return .refused(retryAfter: max(1, Int((first - now + 999) / 1000)))
      }
      entries[hash] = Entry(caller: caller, expires: now + TicketBox.lifeMilliseconds)
      return .issued(text)
    }
  }

  /// Whose ticket this is, once; nil when it is none, used, too old, or its caller may not stay.
  public func redeem(_ ticket: String, now: Int64) -> Caller? {
    guard ticket.utf8.count == 43 else { return nil }
    let hash = TicketBox.hash(ticket)
    let entry = entries.withLock { $0.removeValue(forKey: hash) }
    return TicketBox.caller(entry, now)
  }

  /// Whose ticket this is, and leaves it in the box.
  func look(at ticket: String, now: Int64) -> Caller? {
    guard ticket.utf8.count == 43 else { return nil }
    let hash = TicketBox.hash(ticket)
    return TicketBox.caller(entries.withLock { $0[hash] }, now)
  }

  private static func caller(_ entry: Entry?, _ now: Int64) -> Caller? {
    guard let entry, now < entry.expires, entry.expires <= now + lifeMilliseconds,
      entry.caller.isStillValid(now)
    else { return nil }
    return entry.caller
  }

  private static func hash(_ ticket: String) -> [UInt8] { Array(SHA256.hash(data: Array(ticket.utf8))) }
}

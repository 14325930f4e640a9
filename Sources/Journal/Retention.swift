/// What the writer remembers between two retention steps, so that a step never has to count or rescan.
struct Retention {
  /// Rows in `events`, nil until somebody needs it.
  private(set) var events: Int?
  /// Rows in `signals`, nil until somebody needs it.
  private(set) var signals: Int?
  /// Events up to this number have been looked at for the row cap; those left are held by signals.
  var examinedSeq = Int64.min

  /// Whether the indexes that a step looks rows up by are known to be there.
  var isIndexed = false

  mutating func noteEvent() { events? += 1 }

  mutating func noteSignal() { signals? += 1 }

  mutating func noteDeleted(events deletedEvents: Int, signals deletedSignals: Int) {
    events? -= deletedEvents
    signals? -= deletedSignals
  }

  /// After a rollback the counts are unknown again.
  mutating func forgetCounts() {
    events = nil
    signals = nil
  }

  /// Counts the rows once; afterwards every insert and delete of this writer keeps the counts right.
  mutating func count(_ connection: Connection) throws(JournalError) -> (events: Int, signals: Int) {
    let eventCount: Int
    if let events {
      eventCount = events
    } else {
      eventCount = Int(try connection.integer("SELECT count(*) FROM events"))
    }
    let signalCount: Int
    if let signals {
      signalCount = signals
    } else {
      signalCount = Int(try connection.integer("SELECT count(*) FROM signals"))
    }
    events = eventCount
    signals = signalCount
    return (eventCount, signalCount)
  }
}

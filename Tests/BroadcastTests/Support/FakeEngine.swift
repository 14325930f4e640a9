import Broadcast
import Glibc
import OrderFlow
import Synchronization
import Wire

@testable import Journal

/// An engine without rules: it owns a journal, stores what a test gives it, and hands it to the server.
final class FakeEngine: EngineHost {
  let folder: String
  var path: String { folder + "/journal.db" }
  private let state: Mutex<State>
  /// Gets what was committed.
  let sink = Mutex<(@Sendable ([NumberedSignal]) -> Void)?>(nil)

  private struct State: ~Copyable {
    var journal: Journal
    var seq: Int64 = 0
    var changes: [String] = []
    var answer: RuleChange?
    var standings = [RuleStanding(id: "whale_order"), RuleStanding(id: "cluster")]
    var troubles: [String] = []
  }

  init() throws {
    var template = Array("/tmp/betterbot-api-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CouldNotMakeFolder() }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    state = Mutex(State(journal: try Journal(path: folder + "/journal.db", durability: .normal)))
  }

  struct CouldNotMakeFolder: Error {}

  deinit {
    state.withLock { try? $0.journal.close() }
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  // MARK: What a test does

  /// Stores signals as a batch, and hands them over; returns their numbers.
  @discardableResult
  func emit(_ count: Int, _ change: (inout Signal, Int) -> Void = { _, _ in }) throws -> [Int64] {
    let numbered = try state.withLock { state in
      var result: [NumberedSignal] = []
      for place in 0..<count {
        state.seq += 1
        var signal = Signal(
          id: Digest128(high: 7, low: UInt64(state.seq)), rule: "whale_order", version: "v1", seq: state.seq,
          time: 1_700_000_000_000 + state.seq * 1000, severity: .medium, title: "signal \(state.seq)")
        signal.market = "market-a"
        signal.user = "0xabc"
        change(&signal, place)
        try state.journal.append(signal: signal)
        result.append(NumberedSignal(number: state.journal.lastSignalNumber(), signal: signal))
      }
      try state.journal.commit()
      return result
    }
    sink.withLock { $0 }?(numbered)
    return numbered.map(\.number)
  }

  /// Writes something into the journal at once.
  func write(_ body: (Journal) throws -> Void) throws {
    try state.withLock { state in
      try body(state.journal)
      try state.journal.commit()
    }
  }

  var lastSignal: Int64 { state.withLock { $0.journal.lastSignalNumber() } }

  /// What changes of rules were asked for.
  var changes: [String] { state.withLock { $0.changes } }

  /// What the next changes of rules come to, whatever they are; nil: what they would.
  func answer(_ change: RuleChange?) { state.withLock { $0.answer = change } }

  func setTroubles(_ troubles: [String]) { state.withLock { $0.troubles = troubles } }

  /// Takes tables away, so that whoever reads or writes the journal fails.
  func breakTables() throws {
    try state.withLock { state in
      let connection = try state.journal.usable().connection
      for table in ["signals", "events", "dead_letters", "reloads", "webhooks", "tokens"] {
        try connection.execute("ALTER TABLE \(table) RENAME TO gone_\(table)")
      }
    }
  }

  /// Lets others look into the folder, or not.
  func setFolder(open isOpen: Bool) { chmod(folder, isOpen ? 0o755 : 0o700) }

  // MARK: EngineHost

  func statusJSON() async -> [UInt8] { Array("{\"version\":\"v1\"}\n".utf8) }

  func rules() async -> (version: String, rules: [RuleStanding]) {
    ("v1", state.withLock { $0.standings })
  }

  func troubles() async -> [String] { state.withLock { $0.troubles } }

  func reload() async -> RuleChange { note("reload") { _ in true } }

  func put(rule id: String, source: [UInt8]) async -> RuleChange {
    note("put \(id) \(source.count)") { rules in
      if !rules.contains(where: { $0.id == id }) { rules.append(RuleStanding(id: id)) }
      return true
    }
  }

  func remove(rule id: String) async -> RuleChange {
    note("remove \(id)") { rules in
      let place = rules.firstIndex { $0.id == id }
      if let place { rules.remove(at: place) }
      return place != nil
    }
  }

  func resume(rule id: String) async -> RuleChange {
    note("resume \(id)") { rules in rules.contains { $0.id == id } }
  }

  func webhooksChanged() { _ = note("webhooks") { _ in true } }

  private func note(_ text: String, _ change: (inout [RuleStanding]) -> Bool) -> RuleChange {
    state.withLock { state in
      state.changes.append(text)
      if let answer = state.answer { return answer }
      let isThere = change(&state.standings)
      return RuleChange(
        kind: isThere ? .done : .missing, version: "v1", text: isThere ? "done" : "there is no such rule")
    }
  }

  func edit(
    _ body: @escaping @Sendable (Journal) throws(JournalError) -> Void
  ) async throws(EditFailure) {
    let failure = state.withLock { state -> EditFailure? in
      do {
        try body(state.journal)
        try state.journal.commit()
        return nil
      } catch {
        try? state.journal.rollback()
        return EditFailure("\(error)", isTransient: false)
      }
    }
    if let failure { throw failure }
  }
}

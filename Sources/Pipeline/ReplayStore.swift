import COrderFlow
import Journal
import OrderFlow
import RuleEngine

/// Puts what a replay finds into a journal, in large transactions.
final class ReplayStore {
  private let journal: Journal
  private let engine: Engine
  private let storesEveryOrder: Bool
  private var storedEvidence: Set<Int64> = []
  /// Orders that the journal holds under another number, because another recording brought them first.
  private var moved: [Int64: Int64] = [:]
  private var committedOrders: UInt64 = 0
  private var lastCommit = MonotonicClock.now()
  /// Orders that signals name as evidence but that the engine no longer kept.
  private(set) var missingEvidence: UInt64 = 0

  /// Orders between two commits, and nanoseconds.
  private static let commitOrders: UInt64 = 50_000
  private static let commitTime: UInt64 = 1_000_000_000

  init(_ journal: Journal, engine: Engine, storesEveryOrder: Bool) {
    self.journal = journal
    self.engine = engine
    self.storesEveryOrder = storesEveryOrder
  }

  /// The number before the first order of the recording `input` that begins with `order`.
  ///
  /// The name of the file counts, not its folder: a moved recording is the same one, and two formats of the
  /// same flow, which order equal times differently, are two.
  func base(_ input: String, _ order: UnsafePointer<Order>) throws(JournalError) -> Int64 {
    let name = input.split(separator: "/").last.map(String.init) ?? input
    return try journal.sequenceBase(firstIdentity: Identity.ofRecording(name, first: order))
  }

  func append(_ letter: DeadLetter) throws(JournalError) { try journal.append(deadLetter: letter) }

  /// Writes what the rules made of a batch, whose orders are at `orders`.
  func append(_ output: EngineOutput, _ orders: UnsafePointer<Order>) throws(JournalError) {
    if storesEveryOrder {
      for place in 0..<output.orderCount { _ = try append(orders + place, Identity.of(orders + place)) }
    }
    for emitted in output.signals { try append(emitted, orders) }
    for (id, count) in output.folds { try journal.setFoldCount(id, count) }
    for failure in output.failures { try journal.append(failure: failure) }
  }

  /// Writes an order and returns the number under which the journal holds it.
  private func append(_ order: UnsafePointer<Order>, _ identity: Digest128) throws(JournalError) -> Int64 {
    let held = try journal.append(order: order, identity: identity)
    if held != order.pointee.seq { moved[order.pointee.seq] = held }
    return held
  }

  private func append(_ emitted: EmittedSignal, _ orders: UnsafePointer<Order>) throws(JournalError) {
    var held = emitted.signal.seq
    if let identity = emitted.identity { held = try append(orders + Int(emitted.index), identity) }
    let evidence = try append(evidenceOf: emitted.signal)
    if held == emitted.signal.seq, evidence == nil {
      try journal.append(signal: emitted.signal)
      return
    }
    var signal = emitted.signal
    signal.seq = held
    if let evidence { signal.evidence = evidence }
    try journal.append(signal: signal)
  }

  /// Writes the orders behind a signal; their numbers in the journal, nil when all are the engine's own.
  private func append(evidenceOf signal: Signal) throws(JournalError) -> [Int64]? {
    // Writing an order again is harmless, so forgetting which ones are there is too.
    if storedEvidence.count + moved.count > 500_000 {
      storedEvidence.removeAll(keepingCapacity: true)
      moved.removeAll(keepingCapacity: true)
    }
    for seq in signal.evidence where !(signal.hasOrder && seq == signal.seq) {
      if !storedEvidence.insert(seq).inserted { continue }
      var problem: JournalError?
      let isKept = engine.withEvidence(seq) { order in
        do throws(JournalError) { _ = try append(order, Identity.of(order)) } catch { problem = error }
      }
      if let problem { throw problem }
      if !isKept { missingEvidence += 1 }
    }
    if moved.isEmpty || !signal.evidence.contains(where: { moved[$0] != nil }) { return nil }
    return signal.evidence.map { moved[$0] ?? $0 }.sorted()
  }

  // MARK: Commit

  /// Commits when enough orders were read or enough time has passed since the last commit.
  func commitIfDue(read: UInt64) throws(JournalError) {
    let isDue =
      read - committedOrders >= ReplayStore.commitOrders
      || MonotonicClock.now() - lastCommit >= ReplayStore.commitTime
    if !isDue { return }
    if journal.hasUncommitted {
      try journal.noteSeq(engine.lastSequence)
      try journal.commit()
    }
    committedOrders = read
    lastCommit = MonotonicClock.now()
  }

  /// The last transaction: what is left, each rule's state, and the version that ran.
  ///
  /// Returns the failures of rules whose `state` cannot be kept.
  func finish() throws(JournalError) -> [RuleFailure] {
    var failures: [RuleFailure] = []
    for (rule, saved) in engine.savedStates() {
      switch saved {
      case .success(let saved):
        try journal.saveState(rule: rule, version: engine.version, saved)
      case .failure(let problem):
        let failure = RuleFailure(
          rule: rule, version: engine.version, seq: engine.lastSequence, kind: "error", hook: "state",
          message: problem.description, trace: "", order: "")
        failures.append(failure)
        try journal.append(failure: failure)
      }
    }
    try journal.recordVersion(
      VersionRecord(
        version: engine.version, firstSeq: 0, createdMilliseconds: WallClock.now(),
        outcome: "replayed",
        ruleCount: Int64(engine.rules.count), reason: nil))
    try journal.noteSeq(engine.lastSequence)
    try journal.commit()
    return failures
  }
}

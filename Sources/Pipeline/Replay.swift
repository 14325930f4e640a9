import Crypto
import Feeds
import Glibc
public import Journal
public import OrderFlow
public import RuleEngine

/// Rules over recorded orders, as fast as the machine goes.
public final class Replay {
  /// What to replay and how.
  public struct Options: Sendable {
    /// Files, `-` for standard input, in this order.
    public var inputs: [String] = []
    /// Store every order, not only those behind signals.
    public var storesEveryOrder = false
    /// Stop after so many orders.
    public var limit: Int?
    /// Orders a batch, at most 512; it never changes the signals. A small one stays in the caches.
    public var batchSize = 256
    /// Compute the SHA-256 of the signals' lines.
    public var hashes = false

    /// The defaults.
    public init() {}
  }

  /// Where it stands; handed over every so often.
  public struct Progress: Sendable {
    /// Orders read so far.
    public var orders: UInt64
    /// Signals so far.
    public var signals: UInt64
    /// Seconds since the start.
    public var seconds: Double
    /// How much of the inputs is read, 0 to 1; nil when their size is not known.
    public var fraction: Double?
  }

  private let options: Options
  private let engine: Engine
  private let journal: Journal?
  private let onSignal: (Signal) throws -> Void
  private let onProgress: ((Progress) -> Void)?
  private let onLog: (String, String) -> Void

  private var output = EngineOutput()
  private var queue = SettlingQueue()
  private var hash = SHA256()
  private var line: [UInt8] = []
  private var report: ReplayReport
  private var hasBase = false
  private var storedEvidence: Set<Int64> = []
  private var uncommitted: UInt64 = 0
  private var lastCommit: UInt64 = 0
  private var lastProgress: UInt64 = 0
  private var started: UInt64 = 0
  private var bytesBefore: Int64 = 0
  private var totalBytes: Int64?

  /// Orders between two commits, and nanoseconds.
  private static let commitOrders: UInt64 = 50_000
  private static let commitTime: UInt64 = 1_000_000_000

  /// Sets a run up; `onSignal` gets every signal once, final, in order.
  public init(
    _ options: Options, engine: Engine, journal: Journal?, onSignal: @escaping (Signal) throws -> Void = { _ in },
    onProgress: ((Progress) -> Void)? = nil, onLog: @escaping (String, String) -> Void = { _, _ in }
  ) {
    self.options = options
    self.engine = engine
    self.journal = journal
    self.onSignal = onSignal
    self.onProgress = onProgress
    self.onLog = onLog
    report = ReplayReport(version: engine.version)
  }

  /// Runs over all inputs. Throws `FeedError` or `JournalError`; what was committed before stays.
  public func run() throws -> ReplayReport {
    started = Replay.now()
    lastCommit = started
    totalBytes = try size()
    for input in options.inputs {
      if try !run(input: input) { break }
    }
    try queue.drain(.max, finish)
    try store()
    return finalReport()
  }

  private func size() throws -> Int64? {
    var total: Int64 = 0
    for input in options.inputs {
      guard let bytes = try ByteSource(path: input).totalBytes else { return nil }
      total += bytes
    }
    return total
  }

  /// False when the limit is reached.
  private func run(input: String) throws -> Bool {
    let thread = try InputThread(path: input, batchSize: max(1, min(options.batchSize, 512)))
    var isWithinLimit = true
    var skipped: UInt64 = 0
    var bytesRead: Int64 = 0
    while isWithinLimit, let batch = try thread.next() {
      for letter in batch.deadLetters { try reject(letter) }
      isWithinLimit = try process(batch.orders, batch.hashes)
      skipped = batch.skipped
      bytesRead = batch.bytesRead
      showProgress(bytesBefore + bytesRead)
    }
    report.skipped += skipped
    bytesBefore += bytesRead
    return isWithinLimit
  }

  private func reject(_ letter: DeadLetter) throws {
    report.rejected += 1
    if report.firstRejections.count < 5 { report.firstRejections.append(letter) }
    try journal?.append(deadLetter: letter)
  }

  private func process(
    _ orders: UnsafeMutableBufferPointer<Order>, _ hashes: UnsafePointer<OrderHashes>
  ) throws -> Bool {
    var orders = orders
    var isWithinLimit = true
    if let limit = options.limit {
      let left = max(0, limit - Int(report.read))
      isWithinLimit = orders.count < left
      if orders.count > left { orders = UnsafeMutableBufferPointer(rebasing: orders.prefix(left)) }
    }
    guard let first = orders.baseAddress, !orders.isEmpty else { return isWithinLimit }
    report.read += UInt64(orders.count)
    if !hasBase {
      hasBase = true
      if let journal { engine.startSequence(after: try journal.sequenceBase(firstIdentity: Identity.of(first))) }
    }
    engine.process(orders, hashes: hashes, into: &output)
    try take(UnsafePointer(first))
    return isWithinLimit
  }

  // MARK: Results of a batch

  private func take(_ orders: UnsafePointer<Order>) throws {
    if options.storesEveryOrder, let journal {
      for place in 0..<output.orderCount {
        try journal.append(order: orders + place, identity: Identity.of(orders + place))
      }
    }
    for emitted in output.signals {
      report.signals += 1
      if let journal { try store(emitted, orders, journal) }
      queue.append(emitted)
    }
    for (id, count) in output.folds {
      queue.fold(id, count)
      try journal?.setFoldCount(id, count)
    }
    for failure in output.failures {
      report.note(failure)
      try journal?.append(failure: failure)
    }
    for (rule, text) in engine.takeLogs() { onLog(rule, text) }
    try queue.drain(engine.clock, finish)
    try commitIfDue()
  }

  private func store(_ emitted: EmittedSignal, _ orders: UnsafePointer<Order>, _ journal: Journal) throws {
    guard let identity = emitted.identity else {
      try storeEvidence(emitted.signal, journal)
      try journal.append(signal: emitted.signal)
      return
    }
    let held = try journal.append(order: orders + Int(emitted.index), identity: identity)
    try storeEvidence(emitted.signal, journal)
    if held == emitted.signal.seq {
      try journal.append(signal: emitted.signal)
    } else {
      // Another recording brought this order first: the signal refers to the number it is stored under.
      var signal = emitted.signal
      signal.seq = held
      try journal.append(signal: signal)
    }
  }

  private func storeEvidence(_ signal: Signal, _ journal: Journal) throws {
    for seq in signal.evidence where seq != signal.seq && !storedEvidence.contains(seq) {
      // Storing an order again is harmless, so forgetting which ones are stored is too.
      if storedEvidence.count > 500_000 { storedEvidence.removeAll(keepingCapacity: true) }
      storedEvidence.insert(seq)
      let found = try engine.withEvidence(seq) { order in
        try journal.append(order: order, identity: Identity.of(order))
      }
      if !found { report.missingEvidence += 1 }
    }
  }

  private func finish(_ signal: Signal) throws {
    if options.hashes {
      line.removeAll(keepingCapacity: true)
      SignalLine.append(signal, to: &line)
      line.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
    try onSignal(signal)
  }

  // MARK: Commit

  private func commitIfDue() throws {
    guard let journal else { return }
    let isDue = report.read - uncommitted >= Replay.commitOrders || Replay.now() - lastCommit >= Replay.commitTime
    if !isDue { return }
    if journal.hasUncommitted {
      try journal.noteSeq(engine.lastSequence)
      try journal.commit()
    }
    uncommitted = report.read
    lastCommit = Replay.now()
  }

  /// The last transaction: what is left, each rule's state, and the version that ran.
  private func store() throws {
    guard let journal else { return }
    var states: [(String, [UInt8], String)] = []
    for (rule, state, dedup) in engine.savedStates() {
      switch state {
      case .success(let bytes): states.append((rule, bytes, dedup))
      case .failure(let problem):
        let failure = RuleFailure(
          rule: rule, version: engine.version, seq: engine.lastSequence, kind: "error", hook: "state",
          message: problem.description, trace: "", order: "")
        report.note(failure)
        try journal.append(failure: failure)
      }
    }
    for (rule, state, dedup) in states {
      try journal.saveState(
        rule: rule, version: engine.version, seq: engine.lastSequence, state: state, dedup: Array(dedup.utf8))
    }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    try journal.recordVersion(
      VersionRecord(
        version: engine.version, firstSeq: 0, createdMilliseconds: Int64(time.tv_sec) * 1000, outcome: "replayed",
        ruleCount: Int64(engine.rules.count), reason: nil))
    try journal.noteSeq(engine.lastSequence)
    try journal.commit()
  }

  // MARK: Time

  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  private var seconds: Double { Double(Replay.now() - started) / 1e9 }

  private func showProgress(_ bytes: Int64) {
    guard let onProgress, Replay.now() - lastProgress > 200_000_000 else { return }
    lastProgress = Replay.now()
    let fraction = totalBytes.map { $0 > 0 ? Double(bytes) / Double($0) : 1 }
    onProgress(Progress(orders: report.read, signals: report.signals, seconds: seconds, fraction: fraction))
  }

  private func finalReport() -> ReplayReport {
    report.orders = engine.orders
    report.duplicates = engine.duplicates
    report.folded = engine.folded
    report.rules = engine.totals
    report.seconds = seconds
    if options.hashes {
      let digits = Array("0123456789abcdef")
      report.signalHash = String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
    return report
  }
}

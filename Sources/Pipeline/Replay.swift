import COrderFlow
import Crypto
import Feeds
public import Journal
public import OrderFlow
public import RuleEngine
import Wire

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
    /// Number before the first order, for a run without the journal that gave it; nil asks the journal.
    public var sequenceBase: Int64?

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
  private let store: ReplayStore?
  private let onSignal: (Signal) throws -> Void
  private let onProgress: ((Progress) -> Void)?
  private let onLog: (String, String) -> Void

  private var output = EngineOutput()
  private var queue = SettlingQueue()
  private var hash = SHA256()
  private var line: [UInt8] = []
  private var report: ReplayReport
  private var hasBase = false
  private var lastProgress: UInt64 = 0
  private var started: UInt64 = 0
  private var bytesBefore: Int64 = 0
  private var totalBytes: Int64?

  /// Sets a run up; `onSignal` gets every signal once, final, in order.
  public init(
    _ options: Options, engine: Engine, journal: Journal?,
    onSignal: @escaping (Signal) throws -> Void = { _ in },
    onProgress: ((Progress) -> Void)? = nil, onLog: @escaping (String, String) -> Void = { _, _ in }
  ) {
    self.options = options
    self.engine = engine
    store = journal.map { ReplayStore($0, engine: engine, storesEveryOrder: options.storesEveryOrder) }
    self.onSignal = onSignal
    self.onProgress = onProgress
    self.onLog = onLog
    report = ReplayReport(version: engine.version)
  }

  /// Runs over all inputs.
  ///
  /// Throws `FeedError` before anything has run when an input is missing, and `JournalError` at any time; then
  /// what was committed before stays. An input that breaks off half way ends the run like the end of the inputs
  /// does: what could be read counts, and the report says what was wrong.
  public func run() throws -> ReplayReport {
    started = MonotonicClock.now()
    totalBytes = try InputSize.total(options.inputs)
    do {
      for input in options.inputs {
        if try !run(input: input) { break }
      }
    } catch let failure as FeedError {
      report.inputFailure = failure
    }
    try queue.drain(.max, finish)
    for failure in try store?.finish() ?? [] { report.note(failure) }
    return finalReport()
  }

  /// False when the limit is reached.
  private func run(input: String) throws -> Bool {
    if options.limit == 0 { return false }
    let thread = try InputThread(path: input, batchSize: max(1, min(options.batchSize, 512)))
    var skipped: UInt64 = 0
    var bytesRead: Int64 = 0
    defer {
      report.skipped += skipped
      bytesBefore += bytesRead
    }
    while let batch = try thread.next() {
      skipped = batch.skipped
      bytesRead = batch.bytesRead
      let left = options.limit.map { $0 - Int(report.read) } ?? .max
      let orders = UnsafeMutableBufferPointer(rebasing: batch.orders.prefix(left))
      // Nothing behind the last order is looked at, so that what is rejected never depends on the batch size.
      let end = orders.count == left ? orders[left - 1].offset : .max
      for letter in batch.deadLetters where letter.offset < end { try reject(letter) }
      try process(orders, batch.hashes)
      showProgress(bytesBefore + bytesRead)
      if orders.count == left { return false }
    }
    return true
  }

  private func reject(_ letter: DeadLetter) throws {
    report.rejected += 1
    if report.firstRejections.count < 5 { report.firstRejections.append(letter) }
    try store?.append(letter)
  }

  private func process(
    _ orders: UnsafeMutableBufferPointer<Order>, _ hashes: UnsafePointer<OrderHashes>
  ) throws {
    guard let first = orders.baseAddress, !orders.isEmpty else { return }
    report.read += UInt64(orders.count)
    if !hasBase {
      hasBase = true
      let stored = try store?.base(options.inputs.first ?? "-", UnsafePointer(first))
      report.sequenceBase = options.sequenceBase ?? stored ?? 0
      engine.startSequence(after: report.sequenceBase)
    }
    engine.process(orders, hashes: hashes, into: &output)
    try take(UnsafePointer(first))
  }

  // MARK: Results of a batch

  private func take(_ orders: UnsafePointer<Order>) throws {
    try store?.append(output, orders)
    report.signals += UInt64(output.signals.count)
    for emitted in output.signals { queue.append(emitted) }
    for (id, count) in output.folds { queue.fold(id, count) }
    for failure in output.failures { report.note(failure) }
    for (rule, text) in engine.takeLogs() { onLog(rule, text) }
    try queue.drain(engine.clock, finish)
    try store?.commitIfDue(read: report.read)
  }

  private func finish(_ signal: Signal) throws {
    if options.hashes {
      line.removeAll(keepingCapacity: true)
      SignalLine.append(signal, to: &line)
      line.withUnsafeBytes { hash.update(bufferPointer: $0) }
    }
    try onSignal(signal)
  }

  // MARK: Figures

  private var seconds: Double { Double(MonotonicClock.now() - started) / 1e9 }

  private func showProgress(_ bytes: Int64) {
    guard let onProgress, MonotonicClock.now() - lastProgress > 200_000_000 else { return }
    lastProgress = MonotonicClock.now()
    // A file that still grows may give more than it had at the start.
    let fraction = totalBytes.map { $0 > 0 ? min(1, Double(bytes) / Double($0)) : 1 }
    onProgress(Progress(orders: report.read, signals: report.signals, seconds: seconds, fraction: fraction))
  }

  private func finalReport() -> ReplayReport {
    report.orders = engine.orders
    report.duplicates = engine.duplicates
    report.folded = engine.folded
    report.rules = engine.totals
    report.seconds = seconds
    report.missingEvidence = store?.missingEvidence ?? 0
    if options.hashes {
      let digits = Array("0123456789abcdef")
      report.signalHash = String(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
    return report
  }
}

import Feeds
import Journal
import OrderFlow
import RuleEngine

/// One run of two engines over a flow, from its beginning to its end.
struct FlowPass {
  /// What to call while it runs.
  struct Hooks {
    /// Before an event that runs alone, with its number.
    var willStop: (Int64) throws -> Void = { _ in }
    /// After each batch; of an event that ran alone with its number.
    var didRun: (_ stop: Int64?) throws -> Void
  }

  /// What was read.
  struct Figures {
    /// Messages that are no orders.
    var rejected = 0
    /// Events that rules might remember or that count, and that the journal does not hold.
    var missing: Int64 = 0
    /// The number of the last event whose signals do not count.
    var start: Int64 = 0
  }

  private let pair: EnginePair
  /// Numbers of the events that are to run alone, ascending.
  private let stops: [Int64]
  private let hooks: Hooks

  init(_ pair: EnginePair, stops: Set<Int64> = [], _ hooks: Hooks) {
    self.pair = pair
    self.stops = stops.sorted()
    self.hooks = hooks
  }

  /// Runs; throws `FeedError` when a recording cannot be read to its end, and `JournalError`.
  func run(_ flow: DiffFlow, hasMemory: Bool, last: Int64) throws -> Figures {
    switch flow {
    case .files(let files):
      var figures = Figures()
      for file in files { try run(file, &figures) }
      return figures
    case .journal(let reader, let since): return try run(reader, since: since, hasMemory, last: last)
    }
  }

  /// The first place in `stops` whose event comes after `seq`.
  private func firstStop(after seq: Int64) -> Int {
    var (low, high) = (0, stops.count)
    while low < high {
      let middle = (low + high) / 2
      if stops[middle] <= seq { low = middle + 1 } else { high = middle }
    }
    return low
  }

  // MARK: Recordings

  private func run(_ file: String, _ figures: inout Figures) throws {
    let thread = try InputThread(path: file, batchSize: 256)
    while let batch = try thread.next() {
      figures.rejected += batch.deadLetters.count
      let orders = batch.orders
      if orders.isEmpty { continue }
      let next = firstStop(after: pair.after.lastSequence)
      let end = pair.after.lastSequence + Int64(orders.count)
      guard next < stops.count, stops[next] <= end else {
        pair.process(orders, batch.hashes)
        try hooks.didRun(nil)
        continue
      }
      for place in orders.indices { try run(orders, place, batch.hashes) }
    }
  }

  /// Runs one order, which is at a stop when it is no repeat and has its number.
  private func run(
    _ orders: UnsafeMutableBufferPointer<Order>, _ place: Int, _ hashes: UnsafePointer<OrderHashes>
  ) throws {
    let seq = pair.after.lastSequence + 1
    let stop = firstStop(after: seq - 1)
    let isStop = stop < stops.count && stops[stop] == seq
    if isStop { try hooks.willStop(seq) }
    pair.process(UnsafeMutableBufferPointer(rebasing: orders[place...place]), hashes + place)
    try hooks.didRun(isStop && pair.saidAfter.orderCount == 1 ? seq : nil)
  }

  // MARK: A journal

  private func run(_ reader: JournalReader, since: Int64?, _ hasMemory: Bool, last: Int64) throws -> Figures {
    let end = try since.flatMap { try reader.newestMark(atOrBefore: $0)?.seq } ?? 0
    let warm = WarmStart(reader, end: end, hasMemory: hasMemory)
    let base = try warm.base(of: [pair.before, pair.after])
    for engine in [pair.before, pair.after] { try warm.begin(engine, after: base) }
    var from = (base?.seq ?? 0) + 1
    var figures = Figures()
    figures.start = end
    figures.missing = max(0, last - from + 1)
    func advance(to end: Int64) throws {
      if from <= end {
        try reader.readBack(in: from...end, batch: EnginePair.capacity) { figures.missing -= try take($0) }
      }
      from = max(from, end + 1)
    }
    for resumption in try reader.resumptions(before: last) where resumption.seq >= from {
      try advance(to: resumption.seq)
      for engine in [pair.before, pair.after] { _ = try engine.resume(resumption.rule) }
    }
    try advance(to: last)
    return figures
  }

  /// Runs a batch of a journal, with its stops alone; returns how many events it has.
  private func take(_ batch: StoredBatch) throws -> Int64 {
    switch batch {
    case .orders(let orders):
      var place = 0
      while place < orders.count {
        let isStop = self.isStop(orders[place].seq)
        var end = place + 1
        while !isStop, end < orders.count, !self.isStop(orders[end].seq) { end += 1 }
        try run(
          .orders(UnsafeMutableBufferPointer(rebasing: orders[place..<end])), isStop ? orders[place].seq : nil
        )
        place = end
      }
      return Int64(orders.count)
    case .tick(let seq, _), .gap(let seq, _):
      try run(batch, isStop(seq) ? seq : nil)
      return 1
    }
  }

  private func isStop(_ seq: Int64) -> Bool {
    if stops.isEmpty { return false }
    let place = firstStop(after: seq - 1)
    return place < stops.count && stops[place] == seq
  }

  private func run(_ batch: StoredBatch, _ stop: Int64?) throws {
    if let stop { try hooks.willStop(stop) }
    pair.restore(batch)
    try hooks.didRun(stop)
  }
}

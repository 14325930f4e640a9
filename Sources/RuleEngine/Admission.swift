import COrderFlow
import OrderFlow

/// The gate before the rules: drops repeats, numbers and clocks what is left, gives texts their symbols.
///
/// Lives behind a pointer, so that nothing on the way of an order is checked or counted twice.
struct Admission: ~Copyable {
  /// The last number given out.
  var sequence: Int64 = 0
  /// Event time of the newest order, ms.
  private(set) var clock = Int64.min
  /// Repeats dropped so far.
  private(set) var duplicates: UInt64 = 0
  /// Orders let through so far.
  private(set) var orders: UInt64 = 0
  private var filter = DuplicateFilter()
  private var hashes: UnsafeMutablePointer<OrderHashes>
  private var capacity = 512
  private let lateness: Int64
  private let key = SymbolHash.key

  init(lateness: Int64) {
    self.lateness = lateness
    hashes = .allocate(capacity: 512)
  }

  deinit { hashes.deallocate() }

  /// Drops repeats, numbers the rest and moves them to the front; returns how many there are.
  ///
  /// `given` has the orders' hashes when somebody has computed them. The filter forgets: an order that it does
  /// not know but that is late or was read by REST is a repeat all the same when `isStored` knows its identity.
  mutating func admit(
    _ base: UnsafeMutablePointer<bb_order>, _ count: Int, _ given: UnsafePointer<OrderHashes>?,
    _ symbols: UnsafeMutablePointer<SymbolTable>, isStored: ((Digest128) -> Bool)? = nil
  ) -> Int {
    takeHashes(base, count, given, symbols)
    var kept = 0
    for place in 0..<count {
      let order = base + place
      guard case .new(let twin) = look(order, hashes[place]) else {
        duplicates &+= 1
        continue
      }
      let time = order.pointee.time
      order.pointee.twin = twin
      order.pointee.late = clock != .min && time < clock - lateness ? 1 : 0
      if let isStored, order.pointee.late != 0 || order.pointee.origin != UInt8(BB_ORIGIN_STREAM),
        isStored(Identity.of(order))
      {
        duplicates &+= 1
        continue
      }
      sequence += 1
      order.pointee.seq = sequence
      clock = max(clock, time)
      order.pointee.clock = clock
      if kept != place {
        base[kept] = order.pointee
        hashes[kept] = hashes[place]
      }
      kept += 1
    }
    orders += UInt64(kept)
    return kept
  }

  private mutating func takeHashes(
    _ base: UnsafeMutablePointer<bb_order>, _ count: Int, _ given: UnsafePointer<OrderHashes>?,
    _ symbols: UnsafeMutablePointer<SymbolTable>
  ) {
    if count > capacity {
      hashes.deallocate()
      hashes = .allocate(capacity: count)
      capacity = count
    }
    for place in 0..<count {
      let hash = given?[place] ?? OrderHashes(base + place)
      filter.prefetch(hash.digest)
      symbols.pointee.prefetch(hash.user)
      symbols.pointee.prefetch(hash.token)
      hashes[place] = hash
    }
  }

  @inline(__always)
  private mutating func look(_ order: UnsafePointer<bb_order>, _ hash: OrderHashes) -> DuplicateFilter.Verdict
  {
    filter.look(
      hash.digest, orderHash: hash.orderHash,
      logIndex: UInt32(truncatingIfNeeded: order.pointee.log_index &+ 1), ordinal: order.pointee.twin)
  }

  // MARK: What the journal holds already

  /// Begins behind event `seq`, with the clock where it stood then.
  mutating func begin(after seq: Int64, clock: Int64) {
    sequence = seq
    self.clock = clock
  }

  /// Takes orders as the journal numbered them: they are remembered, and the clock follows.
  mutating func restore(
    _ base: UnsafeMutablePointer<bb_order>, _ count: Int, _ symbols: UnsafeMutablePointer<SymbolTable>
  ) {
    takeHashes(base, count, nil, symbols)
    for place in 0..<count {
      let order = base + place
      // The twins before it are in the filter already, so that it is always new.
      _ = look(order, hashes[place])
      sequence = order.pointee.seq
      clock = max(clock, order.pointee.time)
      order.pointee.clock = clock
    }
  }

  /// Lets the counts begin at nought.
  mutating func restartCounts() {
    duplicates = 0
    orders = 0
  }

  /// Brings the clock forward without an order.
  mutating func tick(_ seq: Int64, _ time: Int64) {
    sequence = seq
    clock = max(clock, time)
  }

  // MARK: Symbols

  /// Gives symbols to the text fields in `fields` (bits by number) of the first `count` orders.
  func intern(
    _ base: UnsafeMutablePointer<bb_order>, _ count: Int, fields: UInt32,
    _ symbols: UnsafeMutablePointer<SymbolTable>
  ) {
    var left = fields
    while left != 0 {
      let field = left.trailingZeroBitCount
      left &= left &- 1
      warm(count, field, symbols)
      for place in 0..<count {
        let text = (base + place).text(.user) + field
        guard let bytes = text.pointee.bytes, text.pointee.count > 0 else { continue }
        let hash =
          field == TextField.user.rawValue
          ? hashes[place].user
          : field == TextField.tokenID.rawValue
            ? hashes[place].token : bb_hash(bytes, Int(text.pointee.count), key)
        text.pointee.symbol = symbols.pointee.symbol(bytes, text.pointee.count, hash: hash)
      }
    }
  }

  /// Walks the chain slot, entry, text of every look-up of a batch a step at a time, so that the cache misses
  /// of all orders overlap instead of following one another.
  private func warm(_ count: Int, _ field: Int, _ symbols: UnsafeMutablePointer<SymbolTable>) {
    guard field == TextField.user.rawValue || field == TextField.tokenID.rawValue else { return }
    let isUser = field == TextField.user.rawValue
    for place in 0..<count {
      symbols.pointee.prefetchEntry(isUser ? hashes[place].user : hashes[place].token)
    }
    for place in 0..<count { symbols.pointee.prefetchText(isUser ? hashes[place].user : hashes[place].token) }
  }
}

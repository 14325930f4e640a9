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
  /// `given` has the orders' hashes when somebody has computed them.
  mutating func admit(
    _ base: UnsafeMutablePointer<bb_order>, _ count: Int, _ given: UnsafePointer<OrderHashes>?,
    _ symbols: UnsafeMutablePointer<SymbolTable>
  ) -> Int {
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
    var kept = 0
    for place in 0..<count {
      let order = base + place
      let verdict = filter.look(
        hashes[place].digest, orderHash: hashes[place].orderHash,
        logIndex: UInt32(truncatingIfNeeded: order.pointee.log_index &+ 1))
      guard case .new(let twin) = verdict else {
        duplicates &+= 1
        continue
      }
      sequence += 1
      order.pointee.seq = sequence
      order.pointee.twin = twin
      let time = order.pointee.time
      order.pointee.late = clock != .min && time < clock - lateness ? 1 : 0
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

import COrderFlow
import Glibc

/// Tells a repeat of a fill leg from a new one, over at least the last half million orders.
///
/// Two messages are the same leg when every field of the identity agrees and neither order hash nor log index
/// differs where both carry it. Entries hold a keyed 64-bit digest of the identity: in a stream of a million
/// orders two different legs share one by chance once in ten million runs, and then still have to agree in
/// their order hash. Two generations of entries take turns, so memory is bounded and forgetting is a function of
/// the stream alone.
struct DuplicateFilter: ~Copyable {
  private struct Entry {
    var key: UInt64 = 0  // 0: free
    var orderHash: UInt32 = 0  // digest, 0: not sent
    var logIndex: UInt32 = 0  // plus one, 0: not sent
  }

  /// What became of an order.
  enum Verdict: Equatable {
    /// It was seen before.
    case duplicate
    /// It is new; `twin` counts the legs before it that are equal in the identity.
    case new(twin: UInt32)
  }

  static var generationSize: Int { 1 << 19 }
  private static var hugePage: Int { 1 << 21 }

  private var current: UnsafeMutablePointer<Entry>
  private var currentMask: Int
  private var currentCount = 0
  private var previous: UnsafeMutablePointer<Entry>
  private var previousMask: Int
  private let limit: Int

  /// A filter that remembers at least `limit` orders.
  init(limit: Int = DuplicateFilter.generationSize) {
    self.limit = limit
    current = DuplicateFilter.table(1024)
    currentMask = 1023
    previous = DuplicateFilter.table(1)
    previousMask = 0
  }

  deinit {
    current.deallocate()
    previous.deallocate()
  }

  private static func table(_ size: Int) -> UnsafeMutablePointer<Entry> {
    let bytes = size * MemoryLayout<Entry>.stride
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: bytes >= hugePage ? hugePage : 64)
    // Every look-up of a big table goes to another page: with huge ones the processor finds it without a walk.
    if bytes >= hugePage { madvise(memory, bytes, MADV_HUGEPAGE) }
    return memory.initializeMemory(as: Entry.self, repeating: Entry(), count: size)
  }

  /// Brings the entries of a key into the cache ahead of `look`.
  @inline(__always)
  func prefetch(_ key: UInt64) {
    bb_prefetch(current + Int(truncatingIfNeeded: key) & currentMask)
    bb_prefetch(previous + Int(truncatingIfNeeded: key) & previousMask)
  }

  /// Where a look-up stands on its way through the two tables.
  private struct Search {
    let key: UInt64
    let orderHash: UInt32
    let logIndex: UInt32
    /// How many entries that could be this leg are other ones: those before it in the same REST read.
    var others: UInt32
    /// Entries with this key that were passed.
    var twins: UInt32 = 0
    /// An entry that could be this leg but does not carry the log index that the leg carries.
    var candidate: UnsafeMutablePointer<Entry>?
  }

  /// Looks an order up by the digest of its identity and remembers it.
  ///
  /// `ordinal` counts the legs equal in everything that stand before it in the same REST read: so many of the
  /// known ones are not this one.
  @inline(__always)
  mutating func look(_ digest: UInt64, orderHash: UInt32, logIndex: UInt32, ordinal: UInt32 = 0) -> Verdict {
    var search = Search(
      key: digest == 0 ? 1 : digest, orderHash: orderHash, logIndex: logIndex, others: ordinal)
    if DuplicateFilter.walk(previous, previousMask, &search) >= 0 { return .duplicate }
    let at = DuplicateFilter.walk(current, currentMask, &search)
    if at >= 0 { return .duplicate }
    if let candidate = search.candidate {
      DuplicateFilter.learn(candidate, search)
      return .duplicate
    }
    current[~at] = Entry(key: search.key, orderHash: orderHash, logIndex: logIndex)
    currentCount += 1
    if currentCount * 2 > currentMask { makeRoom() }
    return .new(twin: search.twins)
  }

  /// The place of the same leg, or the complement of the free place behind the last one with this key.
  ///
  /// An entry with the very log index of the leg is it. One without a log index may be it, but only when none
  /// of the others is: so the order in which REST lists twins does not matter.
  @inline(__always)
  private static func walk(_ table: UnsafeMutablePointer<Entry>, _ mask: Int, _ search: inout Search) -> Int {
    var at = Int(truncatingIfNeeded: search.key) & mask
    while table[at].key != 0 {
      if table[at].key == search.key {
        let entry = table[at]
        let sameHash = entry.orderHash == 0 || search.orderHash == 0 || entry.orderHash == search.orderHash
        if sameHash, entry.logIndex != 0, entry.logIndex == search.logIndex { return at }
        if sameHash, entry.logIndex == 0 || search.logIndex == 0 {
          if search.others > 0 {
            search.others -= 1
          } else if search.logIndex == 0 {
            learn(table + at, search)
            return at
          } else if search.candidate == nil {
            search.candidate = table + at
          }
        }
        search.twins += 1
      }
      at = (at &+ 1) & mask
    }
    return ~at
  }

  /// What this message carries and the other did not tells later ones apart.
  @inline(__always)
  private static func learn(_ entry: UnsafeMutablePointer<Entry>, _ search: Search) {
    if entry.pointee.orderHash == 0 { entry.pointee.orderHash = search.orderHash }
    if entry.pointee.logIndex == 0 { entry.pointee.logIndex = search.logIndex }
  }

  @inline(never)
  private mutating func makeRoom() {
    if currentCount >= limit {
      previous.deallocate()
      previous = current
      previousMask = currentMask
      current = DuplicateFilter.table(currentMask + 1)
      currentCount = 0
      return
    }
    let old = current
    let size = currentMask + 1
    current = DuplicateFilter.table(size * 2)
    currentMask = size * 2 - 1
    for place in 0..<size where old[place].key != 0 {
      var at = Int(truncatingIfNeeded: old[place].key) & currentMask
      while current[at].key != 0 { at = (at + 1) & currentMask }
      current[at] = old[place]
    }
    old.deallocate()
  }
}

import COrderFlow
import Glibc

/// The names of the feeds by number, as bytes that can be bound without making a text, and the newest event
/// time of each.
///
/// Number 0 is recorded flow, which has no name.
final class SourceTable {
  /// One feed; without bytes for a number that nobody registered.
  struct Slot {
    fileprivate(set) var bytes: UnsafeMutablePointer<UInt8>?
    fileprivate(set) var count = 0
    /// Event time of the newest order of the batch, ms; `Int64.min` without one.
    fileprivate(set) var newest = Int64.min
    /// The same as of the last commit.
    fileprivate var committed = Int64.min
    fileprivate(set) var name = ""

    /// Whether the batch has brought something newer.
    var isNewer: Bool { newest > committed }
  }

  private(set) var slots: [Slot] = [Slot()]

  deinit {
    for slot in slots { slot.bytes?.deallocate() }
  }

  /// Gives a number a name; false when it has another one already.
  func register(_ number: UInt16, _ name: String) -> Bool {
    if number == 0 { return false }
    let place = Int(number)
    while slots.count <= place { slots.append(Slot()) }
    if slots[place].bytes != nil { return slots[place].name == name }
    let utf8 = Array(name.utf8)
    let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: max(utf8.count, 1))
    for (at, byte) in utf8.enumerated() { bytes[at] = byte }
    slots[place] = Slot(bytes: bytes, count: utf8.count, name: name)
    return true
  }

  /// The feed with a number, nil when nobody registered it.
  @inline(__always)
  func slot(_ number: UInt16) -> bb_text? {
    if number == 0 { return bb_text() }
    guard Int(number) < slots.count, let bytes = slots[Int(number)].bytes else { return nil }
    return bb_text(bytes: bytes, count: UInt32(slots[Int(number)].count), symbol: 0)
  }

  /// The number of a name, 0 when nobody registered it.
  func number(of name: UnsafeBufferPointer<UInt8>, guess: UInt16) -> UInt16 {
    if matches(Int(guess), name) { return guess }
    for place in 1..<max(slots.count, 1) where matches(place, name) { return UInt16(place) }
    return 0
  }

  private func matches(_ place: Int, _ name: UnsafeBufferPointer<UInt8>) -> Bool {
    guard place < slots.count, let bytes = slots[place].bytes, let start = name.baseAddress else {
      return false
    }
    return slots[place].count == name.count && memcmp(bytes, start, name.count) == 0
  }

  // MARK: Newest event times

  @inline(__always)
  func note(_ number: UInt16, time: Int64) {
    if number != 0, time > slots[Int(number)].newest { slots[Int(number)].newest = time }
  }

  /// Event time of the newest order of a feed in this batch or an earlier one of this journal.
  func newest(of name: String) -> Int64? {
    let newest = slots.filter { $0.bytes != nil && $0.name == name }.map(\.newest).max() ?? .min
    return newest == .min ? nil : newest
  }

  func noteCommitted() {
    for place in slots.indices { slots[place].committed = slots[place].newest }
  }

  func noteRolledBack() {
    for place in slots.indices { slots[place].newest = slots[place].committed }
  }
}

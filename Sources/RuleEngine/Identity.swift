public import COrderFlow
import Crypto
public import OrderFlow

/// Names for events and signals that are the same in every run and on every machine.
public enum Identity {
  /// The identity of an order: venue, transaction, token, wallet, side, shares and price, and its ordinal among
  /// legs equal in all of them. Neither order hash nor log index is part of it: not every stream has them.
  public static func of(_ order: UnsafePointer<bb_order>) -> Digest128 {
    var hash = SHA256()
    add(UInt64(order.pointee.venue), to: &hash)
    for field in [TextField.txHash, .tokenID, .user] { add(order.text(field).pointee, to: &hash) }
    add(UInt64(order.pointee.side), to: &hash)
    add(UInt64(bitPattern: order.pointee.shares), to: &hash)
    add(UInt64(bitPattern: order.pointee.price), to: &hash)
    add(UInt64(order.pointee.twin), to: &hash)
    return Digest128(hash.finalize())
  }

  /// What a journal knows a recording by: its name, and the identity of its first order.
  public static func ofRecording(_ name: String, first order: UnsafePointer<bb_order>) -> Digest128 {
    var hash = SHA256()
    hash.update(data: Array("\(of(order).hex)\u{0}\(name)".utf8))
    return Digest128(hash.finalize())
  }

  /// The identity of a signal: the rule, the event (an order, a tick of a timer, a window's end), the ordinal.
  public static func ofSignal(rule: String, event: String, ordinal: Int32) -> Digest128 {
    var hash = SHA256()
    hash.update(data: Array("\(rule)\u{0}\(event)\u{0}\(ordinal)".utf8))
    return Digest128(hash.finalize())
  }

  private static func add(_ value: UInt64, to hash: inout SHA256) {
    withUnsafeBytes(of: value.littleEndian) { hash.update(bufferPointer: $0) }
  }

  private static func add(_ text: bb_text, to hash: inout SHA256) {
    add(UInt64(text.count), to: &hash)
    hash.update(bufferPointer: UnsafeRawBufferPointer(start: text.bytes, count: Int(text.count)))
  }
}

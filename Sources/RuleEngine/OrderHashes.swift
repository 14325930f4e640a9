public import COrderFlow
import OrderFlow

/// The hashes by which an order is told from others and its texts find their symbols.
///
/// They depend on the order alone, so the thread that has its bytes at hand can compute them ahead of the engine.
/// Keyed anew in every process: whoever trades chooses the texts, and without the key cannot make them collide.
public struct OrderHashes: Sendable {
  var user: UInt64
  var token: UInt64
  /// Digest of the whole identity.
  var digest: UInt64
  /// Digest of the order hash, 0 when it was not sent.
  var orderHash: UInt32

  /// Hashes one order.
  public init(_ order: UnsafePointer<bb_order>) {
    let key = SymbolHash.key
    user = OrderHashes.hash(order.text(.user).pointee, key)
    token = OrderHashes.hash(order.text(.tokenID).pointee, key)
    let sides = UInt64(order.pointee.side) << 8 | UInt64(order.pointee.venue)
    let amounts = bb_mix(
      UInt64(bitPattern: order.pointee.shares) ^ 0x9E37_79B9_7F4A_7C15,
      UInt64(bitPattern: order.pointee.price) ^ key)
    let texts = bb_mix(user ^ 0x2d35_8dcc_aa6c_78a5, token &+ sides)
    let transaction = OrderHashes.hash(order.text(.txHash).pointee, key)
    digest = bb_mix(transaction ^ amounts, texts ^ 0x8bb8_4b93_962e_acc9)
    orderHash = OrderHashes.short(order.text(.orderHash).pointee, key)
  }

  @inline(__always)
  private static func hash(_ text: bb_text, _ key: UInt64) -> UInt64 {
    guard let bytes = text.bytes else { return key }
    return bb_hash(bytes, Int(text.count), key)
  }

  @inline(__always)
  private static func short(_ text: bb_text, _ key: UInt64) -> UInt32 {
    text.count == 0 ? 0 : UInt32(truncatingIfNeeded: hash(text, key)) | 1
  }
}

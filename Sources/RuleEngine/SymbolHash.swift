import COrderFlow

/// The hash behind symbols and duplicate digests, keyed anew in every process.
///
/// Whoever trades chooses wallets and texts; without the key nobody can choose them to collide.
enum SymbolHash {
  static let key = UInt64.random(in: .min ... .max)

  @inline(__always)
  static func of(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> UInt64 {
    guard let bytes else { return key }
    return bb_hash(bytes, count, key)
  }
}
